export declare const ops: readonly unknown[];
export declare const batchOps: readonly unknown[];
