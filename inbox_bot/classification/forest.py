"""Decision trees laid out as arrays, so that all of them are asked at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

_NAMES = ("tree_feature", "tree_limit", "tree_below", "tree_above", "tree_value", "tree_root", "tree_head")


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Trees of several heads, node by node. A leaf is its own child; ``root`` and ``head`` tell for each tree where it
    begins and whose it is. A head's sum is ``base`` plus the values of the leaves its trees come to.
    """

    feature: Ints
    limit: Floats
    below: Ints
    above: Ints
    value: Floats
    root: Ints
    head: Ints
    base: Floats
    depth: int

    def sums(self, values: Floats) -> Floats:
        """Return the sum of each head for one mail's values."""
        at = self.root
        for _ in range(self.depth):
            at = np.where(values[self.feature[at]] <= self.limit[at], self.below[at], self.above[at])
        sums: Floats = self.base + np.bincount(self.head, self.value[at], len(self.base)).astype(np.float32)
        return sums

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the trees as arrays to be stored."""
        parts = (self.feature, self.limit, self.below, self.above, self.value, self.root, self.head)
        return dict(zip(_NAMES, parts, strict=True)) | {"tree_base": self.base, "tree_depth": np.array(self.depth)}


def restored(arrays: Mapping[str, npt.NDArray[Any]], features: int, heads: int) -> Forest:
    """Return the trees that were stored. Raises KeyError or ValueError for arrays that are none."""
    feature, limit, below, above, value, root, head = (arrays[name] for name in _NAMES)
    nodes = len(feature)
    if not all(len(part) == nodes for part in (limit, below, above, value)) or len(root) != len(head):
        raise ValueError(_NAMES[0])
    for part, most in ((feature, features), (below, nodes), (above, nodes), (root, nodes), (head, heads)):
        if len(part) and not 0 <= int(part.min()) <= int(part.max()) < most:
            raise ValueError(_NAMES[0])
    return Forest(
        feature=feature.astype(np.int32),
        limit=limit.astype(np.float32),
        below=below.astype(np.int32),
        above=above.astype(np.int32),
        value=value.astype(np.float32),
        root=root.astype(np.int32),
        head=head.astype(np.int32),
        base=arrays["tree_base"].astype(np.float32),
        depth=int(arrays["tree_depth"]),
    )


def grown(boosters: Sequence[Any], fallbacks: Sequence[float]) -> Forest:
    """Lay out scikit-learn's GradientBoostingClassifier for each head, or None for a head that always says its fallback."""
    features, limits, belows, aboves, values, roots, heads = ([] for _ in range(7))
    base = np.array(fallbacks, np.float32)
    depth = first = 0
    for head, booster in enumerate(boosters):
        if booster is None:
            continue
        prior = float(booster.init_.class_prior_[1])
        base[head] = np.log(prior / (1 - prior))
        for (regressor,) in booster.estimators_:
            tree = regressor.tree_
            own = np.arange(tree.node_count)
            is_leaf = tree.children_left < 0
            features.append(np.where(is_leaf, 0, tree.feature))
            limits.append(np.where(is_leaf, 0, tree.threshold))
            belows.append(np.where(is_leaf, own, tree.children_left) + first)
            aboves.append(np.where(is_leaf, own, tree.children_right) + first)
            values.append(tree.value[:, 0, 0] * booster.learning_rate)
            roots.append(first)
            heads.append(head)
            first += tree.node_count
            depth = max(depth, tree.max_depth)
    return Forest(
        feature=np.concatenate([*features, np.zeros(0)]).astype(np.int32),
        limit=np.concatenate([*limits, np.zeros(0)]).astype(np.float32),
        below=np.concatenate([*belows, np.zeros(0)]).astype(np.int32),
        above=np.concatenate([*aboves, np.zeros(0)]).astype(np.int32),
        value=np.concatenate([*values, np.zeros(0)]).astype(np.float32),
        root=np.array(roots, np.int32),
        head=np.array(heads, np.int32),
        base=base,
        depth=depth,
    )
