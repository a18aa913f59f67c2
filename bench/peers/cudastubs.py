"""Lets the CUDA build of PyTorch, the only one that package indexes carry for Linux x86-64, import on
a machine without CUDA and without two gigabytes of CUDA libraries.

Nothing on the CPU path calls CUDA, but the loader wants every library that torch was linked with. So
for each one that cannot be found, a stub of the same name is compiled: every symbol torch asks of it
is there under the right version, does nothing, and answers "no CUDA device" (error 100). They lie in
torch/lib, where torch looks last: real libraries, once installed, win.

    python cudastubs.py            writes the missing stubs (needs gcc and readelf)
"""

import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile

CUDA = re.compile(r"^lib(cu(?!da\.)|nv|nccl)")
NO_DEVICE = 100  # cudaErrorNoDevice


def readelf(flag, path):
    out = subprocess.run(["readelf", "-W", flag, str(path)], capture_output=True, text=True, check=True)
    return out.stdout.splitlines()


def needed(path):
    return [m[1] for line in readelf("-d", path) if (m := re.search(r"\(NEEDED\).*\[(.+)\]", line))]


def versions(path):
    """Version name -> library that is to provide it, from the verneed section."""
    found, file = {}, None
    for line in readelf("-V", path):
        if m := re.search(r"Version: 1\s+File: (\S+)", line):
            file = m[1]
        elif file and (m := re.search(r"Name: (\S+)\s+Flags", line)):
            found[m[1]] = file
    return found


def undefined(path):
    """(name, version or None, is data, is weak) of each symbol that must come from elsewhere."""
    for line in readelf("--dyn-syms", path):
        cells = line.split()
        if len(cells) >= 8 and cells[6] == "UND":
            name, _, version = cells[7].partition("@")
            yield name, version.lstrip("@") or None, cells[3] == "OBJECT", cells[4] == "WEAK"


def main():
    torch = pathlib.Path(sysconfig.get_paths()["purelib"], "torch")
    lib = torch / "lib"
    nvidia = torch.parent / "nvidia"
    present = {p.name for p in nvidia.glob("*/lib/*.so*")} if nvidia.is_dir() else set()
    objects = sorted(p for p in lib.glob("*.so") if not CUDA.match(p.name))
    wanted = {}  # library -> {version or None: {(symbol, is data)}}
    for path in objects:
        for name in needed(path):
            if CUDA.match(name) and name not in present:
                wanted.setdefault(name, {})
    if not wanted:
        return
    loose = set()
    for path in objects:
        provider = versions(path)
        for name, version, data, weak in undefined(path):
            if version and provider.get(version) in wanted:
                wanted[provider[version]].setdefault(version, set()).add((name, data))
            elif not version and not weak and re.match(r"_*(cu|nccl|nv)", name):
                loose.add((name, data))
    for library, by_version in sorted(wanted.items()):
        symbols = set().union(*by_version.values()) if by_version else set()
        # A symbol without a version says nothing about its home; the runtime is seen by all of them.
        extra = loose - symbols if library.startswith("libcudart.") else set()
        source = "".join(
            f"long {n}[64] = {{0}};\n" if data else f"int {n}(void) {{ return {NO_DEVICE}; }}\n"
            for n, data in sorted(symbols | extra)
        )
        script = "".join(
            f"{v} {{ global: {'; '.join(sorted(n for n, _ in group))}; }};\n" for v, group in sorted(by_version.items())
        )
        with tempfile.TemporaryDirectory() as scratch:
            c, m = pathlib.Path(scratch, "stub.c"), pathlib.Path(scratch, "stub.map")
            c.write_text(source or "int rxaug_stub(void) { return 0; }\n")
            m.write_text(script)
            # -fno-builtin and -w: the prototypes do not matter, nothing calls them.
            build = ["gcc", "-w", "-O1", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", str(lib / library), str(c)]
            subprocess.run(build + ([f"-Wl,--version-script={m}"] if script else []), check=True)
    print(f"{len(wanted)} CUDA stubs in {lib}", file=sys.stderr)


if __name__ == "__main__":
    main()
