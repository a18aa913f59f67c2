#!/bin/sh
# Measures training on this machine's GPU. JSON on stdout, progress on stderr; arguments go to bench/gpu.mjs, such as
# --device cpu, --seconds 900 or --only resnet50. RXAUG_PJRT_PLUGIN names a plugin of XLA, PYTHON a Python with PyTorch.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
python=${PYTHON:-python3}

# One line each: the plugin of a package of JAX, newest CUDA first, and the folder with CUDA's libdevice, which XLA wants.
found=$("$python" - <<'P'
import glob, os, site, sys
roots = [p for p in dict.fromkeys([*sys.path, *site.getsitepackages(), site.getusersitepackages()]) if os.path.isdir(p)]
def first(*patterns):
    return next((hit for pattern in patterns for root in roots for hit in sorted(glob.glob(os.path.join(root, pattern)), reverse=True)), "")
print(first("jax_plugins/xla_cuda*/xla_cuda_plugin.so", "jax_plugins/xla_rocm*/xla_rocm_plugin.so"))
device = first("nvidia/*/nvvm/libdevice/libdevice.10.bc") or next(iter(glob.glob("/usr/local/cuda*/nvvm/libdevice/libdevice.10.bc")), "")
print(os.path.dirname(os.path.dirname(os.path.dirname(device))))
P
)
plugin=$(printf '%s\n' "$found" | sed -n 1p)
cuda=$(printf '%s\n' "$found" | sed -n 2p)

if [ -z "$RXAUG_PJRT_PLUGIN" ] && [ -n "$plugin" ]; then
  export RXAUG_PJRT_PLUGIN="$plugin"
fi
if [ -n "$cuda" ]; then
  case "$XLA_FLAGS" in
    *xla_gpu_cuda_data_dir*) ;;
    *) export XLA_FLAGS="$XLA_FLAGS --xla_gpu_cuda_data_dir=$cuda" ;;
  esac
  export PATH="$cuda/bin:$PATH"
fi
echo "plugin: ${RXAUG_PJRT_PLUGIN:-that of the bundle, if it has one}; CUDA: ${cuda:-not found}" >&2
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-2}"
exec "$here/node" "$here/bench/gpu.mjs" --python "$python" "$@"
