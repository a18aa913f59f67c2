/**
 * Plugins of XLA for accelerators and for the processor, with the libraries that they look for beside them: name, version,
 * bytes, SHA-256. The first wheel of a kind has the plugin, at `plugin`.
 */
import { cudaWheels } from './cuda-wheels.mjs';

/** What TensorFlow's build for CUDA takes of these, XLA takes too; it does not use cuRAND. */
const cuda12Libraries = cudaWheels.filter(
  ({ name }) => name.startsWith('nvidia-') && !name.includes('curand'),
);

const cuda13Libraries = [
  {
    name: 'nvidia-cublas',
    version: '13.10.0.20',
    bytes: 444289903,
    sha256: 'dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84',
  },
  {
    name: 'nvidia-cuda-cupti',
    version: '13.5.25',
    bytes: 12592974,
    sha256: '9dcca41c12a734192b14e7128ae116bc9ce1b9da686e2ebf48ae7a4415f76650',
  },
  {
    name: 'nvidia-cuda-nvcc',
    version: '13.5.37',
    bytes: 47028279,
    sha256: 'f5c4f7ead5d964fb4af42bbf1e6d3ec3c1e6e9d83b53749f691d387e7fcaa3a7',
  },
  {
    name: 'nvidia-cuda-nvrtc',
    version: '13.5.37',
    bytes: 58185930,
    sha256: '86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc',
  },
  {
    name: 'nvidia-cuda-runtime',
    version: '13.5.37',
    bytes: 2504024,
    sha256: 'df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d',
  },
  {
    name: 'nvidia-cudnn-cu13',
    version: '9.28.1.4',
    bytes: 516817937,
    sha256: 'a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec',
  },
  {
    name: 'nvidia-cufft',
    version: '12.5.0.14',
    bytes: 165072555,
    sha256: 'b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad',
  },
  {
    name: 'nvidia-cusolver',
    version: '12.4.1.2',
    bytes: 260003940,
    sha256: 'b3b8e02fd2f2df869369af075dc3a179d43f6f7b85e94632a7dce556697be044',
  },
  {
    name: 'nvidia-cusparse',
    version: '12.9.4.2',
    bytes: 230422857,
    sha256: '072667e58c851a318738f5527a12eb225cbf058803f2ea451c722d8cf8edddec',
  },
  {
    name: 'nvidia-nccl-cu13',
    version: '2.32.3',
    bytes: 305100071,
    sha256: '1459723080ac889d73a26edfa3e04383a7928ab31ac8f0ec43b3ea9548b04ff3',
  },
  {
    name: 'nvidia-nvjitlink',
    version: '13.5.37',
    bytes: 46642491,
    sha256: '280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb',
  },
  {
    name: 'nvidia-nvvm',
    version: '13.5.37',
    bytes: 75141406,
    sha256: 'c41bfa362e407405163f103c2229f0765f8cc2ed7d148b754dc77f228bf7e070',
  },
];

export const xlaKinds = {
  cpu: {
    title: 'the processor',
    plugin: 'lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so',
    unpackedBytes: 250_000_000,
    wheels: [
      {
        name: 'lammps-jax-pjrt-cpu',
        version: '0.11.2',
        bytes: 62711338,
        sha256: '1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1',
      },
    ],
  },
  cuda12: {
    title: "NVIDIA's GPUs with CUDA 12",
    plugin: 'jax_plugins/xla_cuda12/xla_cuda_plugin.so',
    unpackedBytes: 5_500_000_000,
    wheels: [
      {
        name: 'jax-cuda12-pjrt',
        version: '0.12.0.1',
        bytes: 191846358,
        sha256: '5ec28e06198d094031c37590b4ea753ae8cde4879ab4b60baf40f0dffb673286',
      },
      ...cuda12Libraries,
    ],
  },
  cuda13: {
    title: "NVIDIA's GPUs with CUDA 13",
    plugin: 'jax_plugins/xla_cuda13/xla_cuda_plugin.so',
    unpackedBytes: 4_500_000_000,
    wheels: [
      {
        name: 'jax-cuda13-pjrt',
        version: '0.12.0.1',
        bytes: 134922808,
        sha256: '5899bb6177eda86ea532afb9a26794f2bdd04966f6a01f9028266b16c2b6cf90',
      },
      ...cuda13Libraries,
    ],
  },
  rocm7: {
    title: "AMD's GPUs",
    plugin: 'jax_plugins/xla_rocm7/xla_rocm_plugin.so',
    unpackedBytes: 600_000_000,
    wheels: [
      {
        name: 'jax-rocm7-pjrt',
        version: '0.12.0',
        bytes: 133415872,
        sha256: '4551d0714523355f2946ca1958c3f584e95661e467a641d36b726f718a1c7934',
      },
    ],
  },
};
