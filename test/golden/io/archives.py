"""Small tar archives by GNU tar, bsdtar and Python's tarfile, and what GNU tar lists of them: archives.json.

    python test/golden/io/archives.py      (GNU tar 1.34 and bsdtar 3.6.2 on Linux)

Each archive is kept packed with gzip, with the names and sizes of the plain files that `tar -tv` lists.
"""
import base64
import gzip
import json
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile

cases = {}
env = {**os.environ, "LC_ALL": "C.UTF-8"}
DEEP = "d/" + "deep-" * 25 + "x"
SAME = ["--sort=name", "--mtime=@0", "--owner=o:1", "--group=g:1", "--numeric-owner"]


def fill():
    os.makedirs(DEEP)
    for name, data in (
        ("a.jpg", b"a" * 700),
        ("a.cls", b"1"),
        ("empty.jpg", b""),
        ("d/c.png", b"c" * 1500),
        (f"{DEEP}/{'n' * 110}.jpg", b"long"),
        ("\u00fcn\u00ef.jpg", b"u" * 10),
        ("z.jpg", b"z" * 900),
    ):
        pathlib.Path(name).write_bytes(data)
    with open("holes.jpg", "wb") as file:
        for i in range(30):  # more pieces than a header and one block of a map hold
            file.seek(i * 12288)
            file.write(b"x" * 4096)
        file.truncate(400000)
    os.link("a.jpg", "hard.jpg")
    os.symlink("a.jpg", "soft.jpg")
    os.mkfifo("pipe.jpg")


def keep(name, file):
    listed = subprocess.run(
        ["tar", "--quoting-style=literal", "-tvf", file], capture_output=True, text=True, env=env
    ).stdout
    files = []
    for line in listed.splitlines():
        match = re.match(r"^-\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+(.*)$", line)
        if match:
            files.append([match[2].removeprefix("./"), int(match[1])])
    packed = gzip.compress(pathlib.Path(file).read_bytes(), 9, mtime=0)
    cases[name] = {"archive": base64.b64encode(packed).decode(), "files": files}


def gnu(name, *words):
    file = f"../{name}.tar"
    subprocess.run(["tar", *SAME, "-cf", file, *words], env=env, stderr=subprocess.DEVNULL)
    return file


FEW = ["a.jpg", "d", "hard.jpg", "soft.jpg", "pipe.jpg", "z.jpg"]
with tempfile.TemporaryDirectory() as folder:
    os.makedirs(f"{folder}/src")
    os.chdir(f"{folder}/src")
    fill()
    for kind in ("v7", "ustar", "oldgnu", "gnu", "posix"):
        keep(f"GNU tar, {kind}", gnu(kind, f"--format={kind}", "--exclude=holes.jpg", "."))
    for version in ("0.0", "0.1", "1.0"):
        keep(
            f"GNU tar, sparse {version}",
            gnu(f"sparse{version}", "-S", "--format=posix", f"--sparse-version={version}", "holes.jpg", "z.jpg"),
        )
    keep("GNU tar, old sparse", gnu("sparse", "-S", "--format=gnu", "a.jpg", "holes.jpg", "z.jpg"))
    keep("GNU tar, label", gnu("label", "-V", "label", *FEW))
    keep("GNU tar, label in pax", gnu("labelp", "--format=posix", "-V", "label", *FEW))
    keep("GNU tar, incremental", gnu("incr", "-g", "../snap", "--exclude=holes.jpg", "."))
    keep("GNU tar, incremental pax", gnu("incrp", "--format=posix", "-g", "../snap2", "--exclude=holes.jpg", "."))
    one, two = gnu("one", "a.jpg"), gnu("two", "z.jpg")
    pathlib.Path("../cat.tar").write_bytes(pathlib.Path(one).read_bytes() + pathlib.Path(two).read_bytes())
    keep("two archives, one behind the other", "../cat.tar")
    subprocess.run(["tar", "-Af", one, two], check=True)
    keep("GNU tar, joined", one)
    for kind in ("gnu", "posix"):
        volumes = [f"../{kind}{i}.tar" for i in range(4)]
        words = [word for volume in volumes for word in ("-f", volume)]
        subprocess.run(
            ["tar", *SAME, f"--format={kind}", "-c", "-M", "-L", "10", *words, "a.jpg", "holes.jpg", "z.jpg"],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        keep(f"GNU tar, first volume, {kind}", volumes[0])
        keep(f"GNU tar, second volume, {kind}", volumes[1])
    for kind in ("ustar", "pax", "gnutar", "v7"):
        file = f"../bsd-{kind}.tar"
        names = [*FEW[:-2], "z.jpg", "holes.jpg"]
        subprocess.run(
            ["bsdtar", "--uid=1", "--gid=1", "--uname=o", "--gname=g", f"--format={kind}", "-cf", file, *names],
            env=env,
            stderr=subprocess.DEVNULL,
        )
        keep(f"bsdtar, {kind}", file)
    for kind, number in (("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
        file = f"../py-{kind}.tar"
        with tarfile.open(file, "w", format=number) as archive:
            for name in [*FEW, "\u00fcn\u00ef.jpg"]:
                archive.add(name)
        keep(f"tarfile, {kind}", file)

out = pathlib.Path(__file__).with_name("archives.json")
out.write_text(json.dumps(cases, indent=0, ensure_ascii=False) + "\n")
print(len(cases), "archives", out.stat().st_size, "bytes")
