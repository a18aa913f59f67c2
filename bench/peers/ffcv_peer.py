"""FFCV: here only so that the bench tells why it is absent. It has no wheels, and its build wants the development files of
OpenCV and libturbojpeg. Where it does build, no pipeline of it is measured: it reads nothing but files of its own
format, made beforehand, so none of the cases, which begin with JPEG in memory, is a case of it.
"""

import peer


def make(_):
    import ffcv  # noqa: F401

    raise NotImplementedError("is installed, but reads only files of its own format, with which no case begins")


if __name__ == "__main__":
    peer.serve(make)
