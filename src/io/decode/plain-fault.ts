/** Why a bitmap or a portable anymap cannot be read, to stand behind 'this BMP'. */
export class PlainFault extends Error {}
