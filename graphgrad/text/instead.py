"""Say what to write instead of functions that people know from array libraries, and why they are no operations."""

from __future__ import annotations

from typing import Final

__all__ = ["INSTEAD"]

POSITION: Final = "it gives a position, which jumps and has no derivative; the entry itself is max(x) or min(x)"
ORDER: Final = "it gives an order of positions, which jumps and has no derivative"
VECTORS: Final = (
    "its vectors are determined only up to their signs, or less where values are equal, so they have no one derivative"
)
LOGICAL: Final = "it is true or false, which has no derivative; write max(x > 0, axis=0) or min(x > 0, axis=0)"
NORMAL: Final = "write solve(a.T @ a, a.T @ b)"

OF_YOUR_OWN: Final = "it is no operation of the table; it can be one of your own: gg.OPERATIONS.with_(gg.Op(…))"
"""For functions that have a derivative, but no row."""

SPECIAL: Final = (
    *("erfi", "dawsn", "zeta", "sici", "shichi", "Si", "Ci", "fresnel", "spence", "struve", "airy", "airyai", "airybi"),
    *("ellipk", "ellipe", "ellipkinc", "ellipeinc", "ellipj", "hyp0f1", "hyp1f1", "hyp2f1", "hyperu", "owens_t"),
    *("wofz", "voigt_profile", "legendre", "hermite", "laguerre", "chebyt", "jacobi", "mathieu", "kelvin"),
)

INSTEAD: Final[dict[str, str]] = {
    **dict.fromkeys(SPECIAL, OF_YOUR_OWN),
    "cov": "write mean((x - mean(x))*(y - mean(y)))",
    "corrcoef": "write mean((x - mean(x))*(y - mean(y)))/(std(x)*std(y))",
    "sawtooth": "write 2*frac(x) - 1",
    **dict.fromkeys(("argmax", "argmin", "nanargmax", "nanargmin"), POSITION),
    **dict.fromkeys(("argsort", "argpartition", "searchsorted", "nonzero", "unique"), ORDER),
    **dict.fromkeys(("sort", "partition", "median", "percentile", "quantile"), "sort the values before they are given"),
    **dict.fromkeys(("any", "all"), LOGICAL),
    **dict.fromkeys(("eig", "eigh", "svd", "qr", "eigvals", "eigvalsh", "schur"), VECTORS),
    "lu": "its rows are exchanged by jumps; write solve(a, b), or cholesky(a)",
    "pinv": "it jumps where the rank changes; for full rank write solve(a.T @ a, a.T)",
    "lstsq": NORMAL,
    "matrix_rank": "it is a whole number, which jumps and has no derivative",
    "cond": "write norm(x)*norm(inv(x))",
    "matrix_power": "write the products: x @ x @ x",
    "expm": "it is no operation here; a diagonal matrix has diag(exp(x))",
    "slogdet": "write logdet(x), the logarithm of the determinant's size; the sign is sign(det(x))",
    "inner": "write x @ y.T, or vdot(x, y) for the sum over all entries",
    "tensordot": 'write einsum("ij,jk->ik", x, y)',
    "kron": 'write einsum("ij,kl->ikjl", x, y) and reshape it: reshape(…, shape=(4, 4))',
    "multi_dot": "write x @ y @ z",
    **dict.fromkeys(("ravel", "flatten"), "write reshape(x), or reshape(x, shape=(-1,))"),
    **dict.fromkeys(
        ("squeeze", "swapaxes", "moveaxis"), "write x[0], reshape(x, shape=(2, 3)) or transpose(x, axes=(1, 0, 2))"
    ),
    "expand_dims": "write x[None], or x[:, None]",
    **dict.fromkeys(("split", "array_split", "hsplit", "vsplit"), "write the parts: x[0:3] and x[3:]"),
    **dict.fromkeys(("tile", "repeat"), "write concat(x, x), or x[:, None] and let it broadcast"),
    **dict.fromkeys(("broadcast_to", "full_like"), "arrays broadcast by themselves: x + 0*y, or c*ones(y)"),
    **dict.fromkeys(("hstack", "column_stack"), "write concat(x, y, axis=1)"),
    **dict.fromkeys(("vstack", "row_stack"), "write concat(x, y), or stack(x, y) for vectors"),
    **dict.fromkeys(("take_along_axis", "index_select"), "write gather(x, i, axis=0) for whole slices"),
    **dict.fromkeys(("average",), "write sum(w*x)/sum(w)"),
    **dict.fromkeys(
        ("nansum", "nanmean", "nanmax", "nanmin", "nanstd", "nanvar"), "no entry is nan here; leave them out"
    ),
    **dict.fromkeys(("diff", "ediff1d"), "write x[1:] - x[:-1], or name what to differentiate by: --wrt x"),
    "ptp": "write max(x) - min(x)",
    **dict.fromkeys(("identity", "eye_like"), "write eye(x), in the shape of x"),
    **dict.fromkeys(("zeros", "zeros_like"), "write 0*x"),
    "ones_like": "write ones(x), in the shape of x",
    **dict.fromkeys(("layer_norm", "layernorm"), "write batch_norm(x, scale, shift, eps, axis=-1)"),
    **dict.fromkeys(("batchnorm", "batch_normalization"), "write batch_norm(x, scale, shift, eps)"),
    **dict.fromkeys(
        ("conv1d", "conv2d", "convolve", "correlate"),
        "write conv(x, w), w being (k,), (k, k), or with channels (out, in, k, k)",
    ),
    **dict.fromkeys(("max_pool1d", "max_pool2d", "maxpool", "maxpool2d"), "write max_pool(x, size=(2, 2))"),
    **dict.fromkeys(("avg_pool1d", "avg_pool2d", "avgpool", "mean_pool"), "write avg_pool(x, size=(2, 2))"),
    **dict.fromkeys(("im2col", "unfold"), "write windows(x, size=(2, 2))"),
    **dict.fromkeys(("col2im", "fold"), "write overlap_add(w, x, size=(2, 2))"),
    **dict.fromkeys(("cummax", "cummin"), "it is no operation here; the largest of all is max(x)"),
    "cumulative_sum": "write cumsum(x, axis=0)",
    "cumulative_prod": "write cumprod(x, axis=0)",
}
"""What a hint says of a function that is no operation."""
