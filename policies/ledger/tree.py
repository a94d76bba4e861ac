"""The Merkle tree over the ledger: roots, inclusion proofs and consistency proofs, as pure functions of hashes.

Source: RFC 6962 section 2.1 (the tree) and RFC 9162 sections 2.1.3 and 2.1.4 (how proofs are made and checked); the
compact range is the stack of roots of perfect subtrees that section 2.1.2 of RFC 9162 describes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """SHA-256 of a zero byte and the content; the prefix keeps leaves and inner nodes apart."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """All that is needed of a tree to append to it: its size and the roots of its perfect subtrees, largest first.

    Args:
        size: number of leaves.
        hashes: one root for every set bit of `size`.

    Raises:
        ValueError: the number or the length of the hashes does not fit the size.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(one) != HASH_BYTES for one in hashes):
            raise ValueError("these hashes are no compact range of this size")
        self._size = size
        self._hashes = list(hashes)

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> CompactRange:
        """What `to_bytes` wrote.

        Raises:
            ValueError: the length does not fit the size.
        """
        if len(packed) % HASH_BYTES:
            raise ValueError("packed hashes are a multiple of 32 bytes")
        return cls(size, [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)])

    def to_bytes(self) -> bytes:
        """The hashes one after another; the size is kept beside them."""
        return b"".join(self._hashes)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    def copy(self) -> CompactRange:
        """Another one that grows by itself."""
        return CompactRange(self._size, self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash; one node hash on average."""
        carried, left = leaf, self._size
        while left & 1:
            carried = node_hash(self._hashes.pop(), carried)
            left >>= 1
        self._hashes.append(carried)
        self._size += 1

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Which leaves each hash of an inclusion proof covers, lowest first: from a leaf up to, but not with, another.

    With these a proof can be made from leaves that are read one after another and never all held.

    Args:
        index: which leaf is proven, from 0.
        size: number of leaves of the tree.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no leaf at this index")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    return ranges[::-1]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root, lowest first.

    Args:
        leaves: all leaf hashes of the tree.
        index: which leaf, from 0.

    Raises:
        ValueError: there is no such leaf.
    """
    return [root_of(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf at `index` to the root of a tree of `size` leaves.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def consistency_ranges(old_size: int, size: int) -> list[tuple[int, int]]:
    """Which leaves each hash of a consistency proof covers, as in `inclusion_ranges`.

    Raises:
        ValueError: the old tree is larger than the new one, or negative.
    """
    if not 0 <= old_size <= size:
        raise ValueError("the old tree is not inside the new one")
    if old_size in (0, size):
        return []
    ranges: list[tuple[int, int]] = []
    start, end, is_whole = 0, size, True
    while old_size != end:
        split = start + _split(end - start)
        if old_size <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start, is_whole = split, False
    if not is_whole:
        ranges.append((start, end))
    return ranges[::-1]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The hashes that show that the tree of all leaves extends the tree of the first `old_size` leaves.

    Raises:
        ValueError: the old tree is larger than the new one, or negative.
    """
    return [root_of(leaves[start:end]) for start, end in consistency_ranges(old_size, len(leaves))]


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the new tree begins with the old one.

    Source: RFC 9162 section 2.1.4.2; an empty old tree is the beginning of every tree.
    """
    if not 0 <= old_size <= new_size:
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    if old_size == new_size:
        return not proof and old_root == new_root
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_found, new_found = node_hash(sibling, old_found), node_hash(sibling, new_found)
            while not node & 1 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            new_found = node_hash(new_found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old_found == old_root and new_found == new_root


def _split(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
