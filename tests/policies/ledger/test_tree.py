"""The tree against the published vectors of RFC 6962 logs and against the recursive definition of RFC 9162 2.1.1."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.policies.ledger.tree import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight inputs and the roots over the first 1 … 8 of them, as the Certificate Transparency test data have them.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (index, size) -> audit path, and (old, new) -> consistency proof, from the same data.
PATHS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
PROOFS = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LEAVES = [leaf_hash(content) for content in INPUTS]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def many(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert (
        root_of([]) == EMPTY_ROOT == bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    )


@pytest.mark.parametrize(("place", "path"), PATHS.items())
def test_audit_paths_are_the_published_ones(place: tuple[int, int], path: list[str]) -> None:
    index, size = place
    assert [one.hex() for one in inclusion_proof(LEAVES[:size], index)] == path


@pytest.mark.parametrize(("sizes", "proof"), PROOFS.items())
def test_consistency_proofs_are_the_published_ones(sizes: tuple[int, int], proof: list[str]) -> None:
    old, new = sizes
    assert [one.hex() for one in consistency_proof(LEAVES[:new], old)] == proof


@given(st.integers(0, 200))
def test_the_compact_range_agrees_with_the_recursive_definition(size: int) -> None:
    tree = CompactRange()
    for leaf in many(size):
        tree.append(leaf)
    again = CompactRange.from_bytes(size, tree.to_bytes())
    assert tree.root() == again.root() == naive_root(many(size))
    assert again.size == size


@pytest.mark.parametrize(
    ("size", "packed"), [(1, b""), (0, bytes(32)), (3, bytes(32)), (1, bytes(31)), (2, bytes(64)), (-1, b"")]
)
def test_a_damaged_frontier_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="hashes"):
        CompactRange.from_bytes(size, packed)


@settings(deadline=None)
@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))), st.data())
def test_an_inclusion_proof_holds_for_its_leaf_and_for_nothing_else(
    place: tuple[int, int], data: st.DataObject
) -> None:
    size, index = place
    leaves = many(size)
    root, proof = root_of(leaves), inclusion_proof(leaves, index)
    assert verify_inclusion(leaves[index], index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, proof, leaf_hash(b"other"))
    assert not verify_inclusion(leaves[index], index, size, [*proof, proof[-1] if proof else root], root)
    wrong_index = data.draw(st.integers(-1, size).filter(lambda one: one != index))
    assert not verify_inclusion(leaves[index], wrong_index, size, proof, root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_inclusion(leaves[index], index, size, proof[:at] + proof[at + 1 :], root)
        bent = [*proof[:at], leaf_hash(proof[at]), *proof[at + 1 :]]
        assert not verify_inclusion(leaves[index], index, size, bent, root)


@settings(deadline=None)
@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))), st.data())
def test_a_consistency_proof_holds_for_its_trees_and_for_nothing_else(
    sizes: tuple[int, int], data: st.DataObject
) -> None:
    old, new = sizes
    leaves = many(new)
    old_root, new_root, proof = root_of(leaves[:old]), root_of(leaves), consistency_proof(leaves, old)
    assert verify_consistency(old, new, old_root, new_root, proof)
    assert not verify_consistency(old, new, old_root, new_root, [*proof, new_root])
    assert not verify_consistency(new + 1, new, old_root, new_root, proof)
    if old:
        assert not verify_consistency(old, new, leaf_hash(old_root), new_root, proof)
        assert not verify_consistency(old, new, old_root, leaf_hash(new_root), proof)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_consistency(old, new, old_root, new_root, proof[:at] + proof[at + 1 :])
        bent = [*proof[:at], leaf_hash(proof[at]), *proof[at + 1 :]]
        assert not verify_consistency(old, new, old_root, new_root, bent)


@given(st.integers(2, 40).flatmap(lambda size: st.tuples(st.integers(1, size - 1), st.just(size))), st.data())
def test_no_proof_shows_that_a_changed_history_extends_the_old_one(sizes: tuple[int, int], data: st.DataObject) -> None:
    old, new = sizes
    leaves = many(new)
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], leaf_hash(b"rewritten"), *leaves[changed + 1 :]]
    proof = consistency_proof(rewritten, old)
    assert not verify_consistency(old, new, root_of(leaves[:old]), root_of(rewritten), proof)


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(many(3), 3)
    with pytest.raises(ValueError, match="not inside"):
        consistency_proof(many(3), 4)
