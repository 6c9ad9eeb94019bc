"""Memory for payloads and buffers, at the same place in a page every time."""

from __future__ import annotations

import mmap


def page_aligned(size_bytes: int) -> memoryview:
    """Zeroed memory that begins with a page.

    The kernel's copies depend on how both ends are aligned, and `bytes` and `bytearray` lie wherever the
    allocator puts them. From page to page, bulk-send of 512 KiB was a fifth faster on UDS and a tenth on TCP.
    """
    return memoryview(mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE))
