// A field laid over an image, one row in place. Equal to the plain row of plasma to the bit: single precision, in the
// order written there.

/** Highest index of the tables that a field in 0..1 is looked up in. */
const LEVELS: f32 = 1024;

/** `line` [65] f32 is the field along this row; value · gain + bias of its level, clipped; biases hold the half. */
export function plasmaRow(data: usize, width: i32, line: usize, pitch: f32, gains: usize, biases: usize): void {
  for (let x = 0; x < width; x++) {
    const u = (<f32>x + <f32>0.5) * pitch;
    const left = floor(u);
    const at = line + ((<usize>(<i32>left)) << 2);
    const first = load<f32>(at);
    const p = first + (u - left) * (load<f32>(at, 4) - first);
    const level = (<usize>(<i32>(p * LEVELS + <f32>0.5))) << 2;
    const gain = load<f32>(gains + level);
    const bias = load<f32>(biases + level);
    store<u8>(data, byte(<f32>load<u8>(data) * gain + bias));
    store<u8>(data, byte(<f32>load<u8>(data, 1) * gain + bias), 1);
    store<u8>(data, byte(<f32>load<u8>(data, 2) * gain + bias), 2);
    data += 3;
  }
}

@inline
function byte(v: f32): u8 {
  return <u8>(<i32>max<f32>(0, min<f32>(255, v)));
}
