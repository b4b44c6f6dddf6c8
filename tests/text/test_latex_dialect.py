"""LaTeX is read as people write it: formulas with values worked out by hand, and what two readers disagree on.

The formulas are written after the amsmath user's guide (fractions, roots, cases, aligned lines, operator names,
delimiters and their sizes) and after the way in which textbooks of physics, finance and machine learning write theirs.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awkward import NAMES as AWKWARD
from hypothesis import given
from latex_programs import ROWS, applied, programs
from refusals import error_of, pointed_at, random_texts, refused

import graphgrad as gg
from graphgrad.base.errors import ExpressionError
from graphgrad.text.dialects.latex_reader import CLOSED
from graphgrad.text.dialects.named import grammar_of
from graphgrad.text.parser import parse

if TYPE_CHECKING:
    from graphgrad.api.graph import Graph

E, PI = math.e, math.pi
DATA = Path(__file__).parents[1] / "data"

VALUES: list[tuple[str, dict[str, float], float]] = [
    # fractions, roots, powers
    (r"\frac{a}{b}", {"a": 3, "b": 4}, 0.75),
    (r"\dfrac{a+1}{b} - \tfrac12", {"a": 3, "b": 4}, 0.5),
    (r"\frac12 x", {"x": 6}, 3),
    (r"\frac1{x}", {"x": 4}, 0.25),
    (r"\frac{1}{2}/\frac{1}{4}", {}, 2),
    (r"\cfrac{1}{1+\cfrac{1}{x}}", {"x": 1}, 0.5),
    (r"\sqrt{x} + \sqrt 4", {"x": 9}, 5),
    (r"\sqrt[3]{x}", {"x": -8}, -2),
    (r"\sqrt[4]{x}", {"x": 16}, 2),
    (r"\sqrt[n]{x}", {"x": 32, "n": 5}, 2),
    (r"\sqrt2x", {"x": 2}, 2 * math.sqrt(2)),
    (r"x^{2y}", {"x": 3, "y": 1}, 9),
    (r"x^2y", {"x": 3, "y": 5}, 45),
    (r"-x^2", {"x": 3}, -9),
    (r"x^{a^{b}}", {"x": 2, "a": 3, "b": 2}, 512),
    (r"2^{-x}", {"x": 2}, 0.25),
    (r"x^{\frac{1}{2}} x^\frac12", {"x": 9}, 9),
    # products without a sign
    (r"2xy", {"x": 3, "y": 5}, 30),
    (r"a b", {"a": 3, "b": 5}, 15),
    (r"2\,\pi\,r", {"r": 0.5}, PI),
    (r"x(x+1)", {"x": 3}, 12),
    (r"(a+b)(a-b)", {"a": 3, "b": 2}, 5),
    (r"\pi(r+1)", {"r": 1}, 2 * PI),
    (r"\alpha(1-\alpha)", {"alpha": 0.25}, 0.1875),
    (r"x = 2 \\ a = 3 \\ x(a+1)", {}, 8),
    (r"3 \times 10^{8} t", {"t": 2}, 6e8),
    (r"1\,000\,000 x", {"x": 2}, 2e6),
    (r"5\% p", {"p": 200}, 10),
    (r"a \cdot b \times c \div d", {"a": 2, "b": 3, "c": 4, "d": 8}, 3),
    (r"a/b/c", {"a": 12, "b": 3, "c": 2}, 2),
    # functions
    (r"\sin x", {"x": 0}, 0),
    (r"\sin 2x", {"x": PI / 4}, 1),
    (r"\sin 2\pi x", {"x": 0.25}, 1),
    (r"\sin^2 x + \cos^2 x", {"x": 0.7}, 1),
    (r"\sin^{2}\left(x\right)", {"x": PI / 2}, 1),
    (r"2 \sin x \cos x", {"x": PI / 4}, 1),
    (r"\sin x / \cos x", {"x": 0}, 0),
    (r"\sin\frac{x}{2}\cos\frac{x}{2}", {"x": PI / 2}, 0.5),
    (r"\ln x + 1", {"x": 1}, 1),
    (r"\ln x^2", {"x": E}, 2),
    (r"\ln|x|", {"x": -E}, 1),
    (r"\log x", {"x": E}, 1),
    (r"\log_{10} x + \log_2(8)", {"x": 100}, 5),
    (r"\log_b x", {"b": 3, "x": 9}, 2),
    (r"\exp\left[-x\right]", {"x": 0}, 1),
    (r"\exp(-x)/2", {"x": 0}, 0.5),
    (r"e^{-x}", {"x": 1}, 1 / E),
    (r"3e^0", {}, 3),
    (r"\arctan x", {"x": 1}, PI / 4),
    (r"\operatorname{sgn}(x) + \tanh(x)", {"x": 0}, 0),
    (r"\mathrm{relu}(x) + \operatorname{ReLU}(y)", {"x": 3, "y": -2}, 3),
    (r"\Gamma(n+1)", {"n": 4}, 24),
    (r"\max\{a, b\} - \min(a, b)", {"a": 3, "b": 5}, 2),
    (r"\max\left(a, b, c\right)", {"a": 3, "b": 5, "c": 7}, 7),
    (r"\log_{b+1} x + \log_b^2 y", {"b": 3, "x": 16, "y": 9}, 6),
    (r"\sqrt[n+1]{x} \sqrt[5]{-32}", {"x": 27, "n": 2}, -6),
    (r"\operatorname{erf}^{-1}(\operatorname{erf}(x))", {"x": 0.5}, 0.5),
    (r"\operatorname{J}_{0}(x) + J_0(x)", {"x": 0}, 2),
    (r"J_{2-1}(kr)", {"k": 2, "r": 0.5}, 0.4400505857449335),
    (r"I_x(1, 1) + \mathrm{B}(a, b)", {"x": 0.25, "a": 1, "b": 1}, 1.25),
    (r"n! + \binom{n}{k} + \frac{n!}{k!(n-k)!}", {"n": 4, "k": 2}, 36),
    (r"\lfloor x \rceil + \operatorname{round}(x)", {"x": 2.75}, 6),
    (r"\Phi(z) + \Gamma(5)", {"z": 0}, 24.5),
    # brackets
    (r"\bigl( a + \Bigl[ b \Bigr] \bigr) c", {"a": 1, "b": 2, "c": 3}, 9),
    (r"\{ a + [b - (c)] \}", {"a": 1, "b": 2, "c": 3}, 0),
    (r"|x| + \left|y\right| + \lvert z \rvert", {"x": -1, "y": -2, "z": 3}, 6),
    (r"||x| - 3|", {"x": 1}, 2),
    (r"\lfloor x \rfloor + \left\lceil x \right\rceil", {"x": 1.5}, 3),
    # names
    (r"x_1 + x_{2} + x_{\text{max}} + x_{i,j}", {"x_1": 1, "x_2": 2, "x_max": 3, "x_i_j": 4}, 10),
    (r"\mathrm{apple} \cdot \text{unit price}", {"apple": 2, "unit price": 3}, 6),
    (r"\hat{y} - \bar y", {"y_hat": 3, "y_bar": 1}, 2),
    (r"\mathbf{w} + \varepsilon", {"w": 3, "epsilon": 1}, 4),
    (r"x_1^2 + x^2_1 + x^{2}_{1}", {"x_1": 3}, 27),
    # choices, sums, several lines
    (r"\begin{cases} x^2 & \text{if } x > 0 \\ -x & \text{otherwise} \end{cases}", {"x": -3}, 3),
    (r"\begin{cases} 1, & x > 0, \\ 0, & x = 0, \\ -1, & x < 0. \end{cases}", {"x": -3}, -1),
    (r"\begin{dcases} 1 & x > 0 \text{ and } y > 0 \\ 0 & \text{else} \end{dcases}", {"x": 1, "y": 2}, 1),
    (r"\sum_{i=1}^{10} i", {}, 55),
    (r"\sum_{i=1}^3 i x_i + 1", {"x_1": 1, "x_2": 2, "x_3": 3}, 15),
    (r"\sum_{i=1}^{2} \sum_{j=1}^{2} i j", {}, 9),
    (r"\prod_{k=1}^{4} k", {}, 24),
    (r"\begin{aligned} s &= x + y \\ & s^{2} \end{aligned}", {"x": 1, "y": 2}, 9),
    (r"\begin{align*} a &= 2 \\ b &= a + 1 \label{eq:b} \\ c &= ab \end{align*}", {}, 6),
    (r"\[ f(x) = x^2 + 1. \]", {"x": 2}, 5),
    (r"$\displaystyle y = 2x$ % a comment", {"x": 2}, 4),
    ("a = 2 \\\\\n b = 3 % three\n\n a b", {}, 6),
    (r"\sum_{i=1}^{3} x_{i+1} x_i", {"x_1": 1, "x_2": 2, "x_3": 3, "x_4": 4}, 20),
    (r"\sum_{i=1}^{2} \sum_{j=1}^{i} a_{ij} b_{i,j}", {"a_1_1": 1, "a_2_1": 2, "a_2_2": 3, "b_1_1": 1, "b_2_1": 2,
     "b_2_2": 3}, 14),
    (r"\sum_{k=0}^{4} \binom{4}{k} p^k (1-p)^{4-k}", {"p": 0.25}, 1),
    (r"\sum_{n=0}^{3} \frac{(-1)^n x^{2n+1}}{(2n+1)!}", {"x": 1}, 1 - 1 / 6 + 1 / 120 - 1 / 5040),
    (r"\log \sum\limits_{i=1}^{2} e^{x_i}", {"x_1": 0, "x_2": 0}, math.log(2)),
    (r"\prod_{i=2}^{3} (1 - x_i)", {"x_2": 3, "x_3": 4}, 6),
    (r"x = [3, 4, 5] \\ \sum_{i=0}^{2} i x[i] + x\left[0\right]", {}, 17),
    (r"\sum_{i=3}^{1} x_i + \sum_{\alpha=1}^{2} \alpha", {}, 3),
    # functions of the text, arrays, comparisons
    (r"f(x) = x^2 + 1; f(3)", {}, 10),
    (r"f(x, y) = kx + y \\ 2f(1, a) b + f(0, 1)^2", {"k": 2, "a": 3, "b": 5}, 51),
    (r"\mathrm{area}\left(r\right) = \pi r^2 \\ \mathrm{area}(2)", {}, 4 * PI),
    (r"\sigma(x) = 2x \\ \sum_{i=1}^{2} \sigma(i)", {}, 6),
    (r"f(x) = x(x+1) \\ f + 1", {"x": 2}, 7),
    (r"\det\begin{bmatrix} 1 & 2 \\ 3 & a+b \end{bmatrix}", {"a": 1, "b": 3}, -2),
    (r"\begin{vmatrix} 1 & 2 \\ 3 & 4 \\ \end{vmatrix} x", {"x": 2}, -4),
    (r"\operatorname{sum}(\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \begin{pmatrix} x \\ y \end{pmatrix})",
     {"x": 1, "y": 2}, 16),
    (r"\operatorname{sum}\left(2\begin{bmatrix} 1 & 2 \end{bmatrix}^T\right)", {}, 6),
    (r"\left[1, 2, x\right] \mathbin{@} \left[y, 1, 1\right]", {"x": 3, "y": 4}, 9),
    (r"\mathbf{a} = [1, 2] \\ \mathbf{b} = [3, 4] \\ \mathbf{a}^{\top} \mathbf{b} + \mathbf{a}\mathbf{b}", {}, 22),
    (r"[0 < x \le 1] + [a = b = 2]", {"x": 1, "a": 2, "b": 2}, 2),
    (r"\begin{cases} x & 0 \le x < 1 \\ 1 & x \ge 1 \text{ and } x < 2 \\ 0 & \text{else} \end{cases}", {"x": 1.5}, 1),
    (r"\lnot (x > 0) \lor y > 1", {"x": 1, "y": 0}, 0),
    (r"\mathbb{1}[x > 0] + \mathbb{1}_{\{x > 2\}}", {"x": 1}, 1),
    (r"d_1 = 2x, \quad d_2 = d_1 + 1.", {"x": 2}, 5),
    # physics, finance, machine learning
    (r"E = m c^2", {"m": 2, "c": 3}, 18),
    (r"F = G \frac{m_1 m_2}{r^2}", {"G": 2, "m_1": 3, "m_2": 4, "r": 2}, 6),
    (r"T = 2\pi\sqrt{\frac{L}{g}}", {"L": 4, "g": 1}, 4 * PI),
    (r"\frac{1}{\sigma\sqrt{2\pi}} e^{-\frac{1}{2}\left(\frac{x-\mu}{\sigma}\right)^2}", {"sigma": 1, "mu": 0, "x": 0},
     1 / math.sqrt(2 * PI)),
    (r"\gamma = \frac{1}{\sqrt{1 - \frac{v^2}{c^2}}}", {"v": 3, "c": 5}, 1.25),
    (r"A = P \cdot \left(1 + \frac{r}{n}\right)^{nt}", {"P": 100, "r": 1, "n": 1, "t": 2}, 400),
    (r"\frac{C}{(1+r)^T}", {"C": 8, "r": 1, "T": 3}, 1),
    (r"x = \frac{-b + \sqrt{b^2 - 4ac}}{2a}", {"a": 1, "b": 1, "c": -6}, 2),
    (r"\frac{1}{1 + e^{-z}}", {"z": 0}, 0.5),
    (r"\sigma(wx + b)", {"w": 1, "x": 2, "b": -2}, 0.5),
    (r"-\left[ y \log \hat{y} + (1-y) \log(1-\hat{y}) \right]", {"y": 1, "y_hat": 1 / E}, 1),
    (r"\mathcal{L}(\theta) = \frac{1}{2} \sum_{i=1}^{2} \left( y_i - \theta x_i \right)^2",
     {"y_1": 1, "y_2": 2, "theta": 0, "x_1": 5, "x_2": 5}, 2.5),
    (r"A = P(1 + r)^n", {"P": 100, "r": 1, "n": 2}, 400),
    (r"d_1 = \frac{\ln\left(\frac{S}{K}\right) + \left(r + \frac{\sigma^2}{2}\right)t}{\sigma\sqrt{t}}",
     {"S": 1, "K": 1, "r": 0.5, "sigma": 1, "t": 4}, 2),
    (r"S\Phi(d_1) - K e^{-rt} \Phi(d_2)", {"S": 4, "d_1": 0, "K": 2, "r": 0, "t": 1, "d_2": 0}, 1),
    (r"\text{PV} = \frac{\text{FV}}{(1+i)^n}", {"FV": 8, "i": 1, "n": 3}, 1),
    (r"v = \sqrt{v_0^2 + 2a\,\Delta s}", {"v_0": 3, "a": 2, "Delta_s": 4}, 5),
    (r"\Delta = b^2 - 4ac \\ \frac{-b + \sqrt{\Delta}}{2a}", {"a": 1, "b": 1, "c": -6}, 2),
    (r"$$k = A\exp\left\{-\frac{E_a}{RT}\right\}.$$", {"A": 3, "E_a": 0, "R": 1, "T": 1}, 3),
    (r"f(x\mid\mu,\sigma^2) = \frac{1}{\sqrt{2\pi\sigma^2}}\, e^{-\frac{(x-\mu)^2}{2\sigma^2}}",
     {"x": 1, "mu": 1, "sigma": 1}, 1 / math.sqrt(2 * PI)),
    (r"\ell = \max(0, 1 - yz) + \lVert x \rVert_2^2", {"y": 1, "z": 0.5, "x": 3}, 9.5),
    (r"H(p) = -\sum_{i=1}^{2} p_i \log_2 p_i", {"p_1": 0.5, "p_2": 0.5}, 1),
    (r"\frac{\lambda^k e^{-\lambda}}{k!}", {"lambda": 1, "k": 2}, 0.5 / E),
    (r"c = \sqrt{a^2+b^2-2ab\cos\gamma}", {"a": 3, "b": 4, "gamma": PI / 2}, 5),
    (r"\frac{m}{\sqrt{v} + \varepsilon} + \bar{x}", {"m": 1, "v": 4, "epsilon": 0, "x_bar": 1}, 1.5),
]  # fmt: skip

REFUSED: list[tuple[str, str, str]] = [
    (r"\sin x y", r"\sin(x) y", r"\sin(x y)"),
    (r"\sin a/b", r"\sin(a) / …", r"\sin(a / …)"),
    (r"\ln x \cdot y", r"\ln(x) \cdot …", r"\ln(x \cdot …)"),
    (r"\cos \omega t", r"\cos(\omega) t", r"\cos(\omega t)"),
    (r"\sin(x)(y+1)", r"\sin(x) \cdot (…)", r"\sin((x)(…))"),
    (r"\sin^{-1} x", "the inverse function", "the reciprocal"),
    (r"\sin^{-1}\left(x\right)", "the inverse function", "the reciprocal"),
    (r"x(y+1)", r"the product x \cdot (…)", "the function x of (…)"),
    (r"x^2(y+1)", r"the product x \cdot (…)", "the function x of (…)"),
    (r"1/2x", r"\frac{…}{2 x}", r"\frac{…}{2} x"),
    (r"a/b(c+1)", r"\frac{…}{b", r"\frac{…}{b}"),
    (r"a/3 \times 10^{8}", r"\frac{…}{3 \times 10^{8}}", r"\frac{…}{3} \times 10^{8}"),
    (r"1\frac12", "1 plus the fraction", "1 times the fraction"),
    (r"x^10", "^{10}", "^{1} 0"),
    (r"x_12", "x_{12}", "x_1 2"),
    (r"\sqrt23", r"\sqrt{23}", r"\sqrt{2} 3"),
    (r"2 3", r"2 \cdot 3", "23"),
    (r"x 2", r"x \cdot 2", "x_{2}"),
    (r"1{,}500", "1500", "1.500"),
    (r"1e-7", r"1 \times 10^{-7}", "the name e"),
    (r"\mathbf{w}_1 + x^T y", "transposed", "a power"),
    (r"1 + e + e^x", "its power", "the exponential function"),
    (r"apple", r"\mathrm{apple}", "a p p l e"),
    (r"sin(x)", r"the function \sin", "s i n"),
    (r"\Delta + \Delta x", r"\Delta_{x}", r"\Delta \cdot x"),
    (r"\Delta x^2", r"(\Delta x)^{…}", r"\Delta(x^{…})"),
    (r"\dot x", "derivative", "name"),
    (r"I_1(R_1 + R_2)", r"I_1 \cdot (…)", r"\operatorname{I}_1(…)"),
    (r"J_0(x) + J_0", r"J_0 \cdot (…)", r"\operatorname{J}_0(…)"),
    (r"\sigma(x) + \sigma", r"\sigma \cdot (…)", r"\sigma(…)"),
    (r"f(1+x)^2", r"f \cdot (…)", "function f"),
    (r"P(1+r)", r"P \cdot (…)", "function P"),
    (r"N(d_1)", r"N \cdot (…)", "function N"),
    (r"\sum_{i=1}^{3} x_i + i", "within the sum", "behind the sum"),
    (r"\sum_{i=1}^{3} x_i + x_i", "within the sum", "behind the sum"),
    (r"\prod_{i=1}^{3} x_i y", "all that follows", "before the last factor"),
    (r"\sum_{i=1}^{2} a_{ik}", r"\mathrm{ik}", "i,k"),
    (r"x = [1, 2] \\ \sum_{i=1}^{2} x_i", "a name", "an entry"),
    (r"A \begin{bmatrix} 1 & 2 \end{bmatrix}", r"\mathbin{@}", r"\cdot"),
    (r"\begin{bmatrix} 1 & 2 \end{bmatrix} x", r"\mathbin{@}", r"\cdot"),
    (r"\begin{bmatrix} 1 & 2 \end{bmatrix}^2", "the matrix", "each of its entries"),
    (r"\left|\begin{bmatrix} 1 & 2 \end{bmatrix}\right|", "the matrix", "each of its entries"),
    (r"0 < x \ne 1", "0 < x and", "(0 < x)"),
    (r"\sin x!", r"that of \sin", "that of its operand"),
    (r"E^\circ", "degrees", "name"),
    (r"\lg x", r"\log_{10}", r"\log_{2}"),
    (r"x^{(2)}", "index", "derivative"),
    (r"y = a \\ -b", "the line before", "a formula of its own"),
    (r"|a|b|c|", "open", "close"),
]

NOT_READ: list[tuple[str, str, str]] = [
    (r"\frac{d}{dx} x^2", r"\frac", "--wrt x"),
    (r"\frac{\partial f}{\partial x}", r"\frac", "--wrt x"),
    (r"\frac{dy}{dx}", r"\frac", "--wrt x"),
    (r"\int_0^1 x \, dx", r"\int", "antiderivative"),
    (r"x \pm y", r"\pm", "write + or -"),
    (r"\infty", r"\infty", "large number"),
    (r"30^\circ", r"^\circ", r"\frac{\pi}{180}"),
    (r"\sum_{i} x_i", r"\sum", r"\sum_{i=1}^{10}"),
    (r"\sum_{i=1}^{n} x_i", "n", "write the number"),
    (r"x_{n+1}", "x_{n+1}", "x_{1}"),
    (r"\sum x_i", r"\sum", r"\sum_{i=1}^{10}"),
    (r"\sum_{t=1}^T x_t", "T", "write the number"),
    (r"\sum_{i=1}^{3}", r"\sum", ""),
    (r"\sum_{i=-1}^{1} x_i", "x_i", "begin later"),
    (r"\sum_{2i=1}^{3} i", "=", r"\sum_{i=1}^{10}"),
    (r"\operatorname{J}(x)", r"\operatorname{J}", r"\operatorname{J}_{n}(x)"),
    (r"\operatorname{I}_{x}(a, b, c)", r"\operatorname{I}_{x}(a, b, c)", ""),
    (r"\max_i x_i", "_", "in brackets"),
    (r"\sqrt[n", r"\sqrt[", ""),
    (r"f(x) = f(x - 1) \\ f(3)", "f", "before it"),
    (r"f(x) = 1 \\ f(1, 2)", "f(1, 2)", ""),
    (r"f(x) = x \\ f(x) = 2x \\ f(1)", "f", "another name"),
    (r"f(x, x) = x \\ f(1, 2)", "f(x, x)", "another name"),
    (r"f(x) = x \\ f(1) + f", "f", "write f(…)"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}", "3", ""),
    (r"\begin{bmatrix} 1 \end{pmatrix}", r"\end{pmatrix}", "same name"),
    (r"\begin{bmatrix} 1 & \\ 3 & 4 \end{bmatrix}", r"\\", ""),
    (r"\mathbb{1} x", r"\mathbb{1}", "[x > 0]"),
    (r"x^2 \; \text{for } x > 0", r"\text{for }", r"\begin{cases}"),
    (r"x^2, \quad x > 0", ",", "a condition is no part"),
    (r"\operatorname*{arg\,max}_x x", r"\operatorname*{arg\,max}", r"\max(a, b)"),
    (r"x'", "'", "x_{1}"),
    (r"\foo x", r"\foo", r"\mathrm{foo}"),
    (r"\sinn x", r"\sinn", r"\sin"),
    (r"\operatorname{sigmoyd}(x)", r"\operatorname{sigmoyd}", "sigmoid"),
    (r"\frac{a}", r"\frac", r"\frac{…}"),
    (r"x^", "^", "{…}"),
    (r"\left(a\right]", r"\right]", "order"),
    (r"(a", "(", ""),
    (r"a}", "}", ""),
    (r"a + \cdot b", r"\cdot", ""),
    (r"a +", "+", ""),
    (r"1,000", ",", r"1\,000"),
    (
        r"\begin{cases} 1 & x > 0 \\ 2 & y > 0 \end{cases}",
        r"\begin{cases} 1 & x > 0 \\ 2 & y > 0 \end{cases}",
        "otherwise",
    ),
    (r"\begin{cases} 1 & x > 0 \\ 2 \text{otherwise} \end{cases}", r"\text{otherwise}", "&"),
    (r"x $y$", "$", "alone"),
    (r"\mathbf{x} + x", "x", ""),
    (r"\varepsilon + \epsilon", r"\epsilon", ""),
    (r"x^2 = y", "=", "[x = y]"),
    (r"{a \over b}", r"\over", r"\frac{a}{b}"),
    (r"x^a^b", "^", "x^{a^{b}}"),
    (r"\ln|x|^2", "^", "bracket"),
    (r"\max(x)\max", r"\max", ""),
]


def read(text: str) -> Graph:
    """Return the graph of a formula in LaTeX."""
    return gg.parse(text, dialect="latex")


@pytest.mark.parametrize(("text", "at", "value"), VALUES, ids=[text for text, _, _ in VALUES])
def test_a_formula_has_the_value_that_its_reader_expects(text: str, at: dict[str, float], value: float) -> None:
    """Each formula of the table has the value worked out by hand."""
    assert read(text).backprop(at).value == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(("text", "one", "other"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_what_two_readers_read_differently_is_refused_with_both_readings(text: str, one: str, other: str) -> None:
    """The message has both readings, and its span is a part of the text."""
    error = refused(text, "latex")
    said = f"{error.message} {error.hint}"
    assert one in said
    assert other in said
    assert pointed_at(text, error)


@pytest.mark.parametrize(("text", "marked", "hint"), NOT_READ, ids=[text for text, _, _ in NOT_READ])
def test_what_is_not_read_is_marked_and_has_a_hint(text: str, marked: str, hint: str) -> None:
    """The span is that of the part at fault, and the hint says what to write."""
    error = refused(text, "latex")
    assert pointed_at(text, error) == marked
    assert hint in error.hint


def without_greek(text: str) -> str:
    """Return a text with its Greek letters spelled out."""
    return re.sub("[α-ωΑ-Ω]", lambda match: unicodedata.name(match[0]).split()[-1].lower(), text)


def shape(graph: Graph, table: dict[Any, int]) -> tuple[int, str]:
    """Return a graph as a number that equal graphs share, whatever the names of their intermediates; and its name."""
    data = graph.data
    numbers: dict[int, int] = {}
    for name in data.inputs:
        numbers[data.nodes[name]] = table.setdefault(without_greek(name), len(table))
    for node, constant in data.constants.items():
        numbers[node] = table.setdefault(constant.value, len(table))
    for step in data.steps:
        key = step.op, *(numbers[operand] for operand in step.operands)
        numbers[step.target] = table.setdefault(key, len(table))
    return numbers[data.output], without_greek(data.output_name or "")


def reads_back(text: str) -> bool:
    """Tell whether the LaTeX of a program is read back to its graph."""
    table: dict[Any, int] = {}
    graph = gg.parse(text)
    return shape(read(graph.to_latex()), table) == shape(graph, table)


POWERS = ("exp2", "exp10")
"""Rows that LaTeX writes as the powers which they are: these are read as powers, which have the same value."""


@pytest.mark.parametrize("name", POWERS)
@pytest.mark.parametrize("around", ["{}", "b - {}", "{}**b", "b/{}"])
def test_a_row_that_is_written_as_a_power_is_read_with_the_same_value(name: str, around: str) -> None:
    """Value and derivative are those of the row, wherever it stands."""
    graph, at = gg.parse(around.format(f"{name}(a)")), {"a": 1.5, "b": 0.75}
    at = {each: at[each] for each in graph.inputs}
    expected, found = graph.backprop(at), read(graph.to_latex()).backprop(at)
    assert found.value == pytest.approx(expected.value, rel=1e-14)
    assert found.grad == pytest.approx(expected.grad, rel=1e-14)


@given(programs().filter(lambda text: not any(f"{name}(" in text for name in POWERS)))
def test_what_is_written_is_read_back(text: str) -> None:
    """The LaTeX of any program is read to the same graph."""
    assert reads_back(text)


@pytest.mark.parametrize(
    "around", ["{}", "b - {}", "-{}", "b*{}*c", "b/{}", "{}**b", "b**{}", "{} @ b", "log({})", "({} > b)*2"]
)
def test_each_operation_is_read_back_wherever_it_stands(around: str) -> None:
    """That is so for every row with all its parameters, as an operand of each kind of operation."""
    rows = [applied(op, ["a", "x_1", "2", "psi"][: op.arity]) for op in ROWS if op.name not in POWERS]
    assert [text for row in rows if not reads_back(text := around.format(f"({row})"))] == []


@pytest.mark.parametrize(
    "text",
    [
        "f(x, y) = x**2 + y*sin(x)*exp(x*y)*sqrt(x + y); f(3, a) + f(b, 1)*f(a, b)",
        "area(r_1) = pi*r_1**2*(r_1 + 1)*(r_1 + 2)*(r_1 + 3); k = 2; area(a)*k + area(k) + area(b)",
        "[1, 2, 3] @ x + [[1, 2], [3, a > b]] @ y*[a]",
        "[[a, b], [1, 2]].T[0] + [a, b == 2][1]",
        "sum(i*x[i] for i in 0..3) + prod(y[i, 0] for i in 1..2)",
        "0 < x <= 1 and not y",
        "(n!)!**2 + (-n)! + sin(n)! - n!",
    ],
)
def test_what_a_text_says_in_short_is_read_back(text: str) -> None:
    """Functions that are written as such, arrays, sums, chains and factorials."""
    graph = gg.parse(text)
    again = read(graph.to_latex())
    assert str(again) == str(graph) or reads_back(text)


def test_the_corpus_is_read_back() -> None:
    """Its formulas, its derivatives as published, and our derivatives of its formulas."""
    lines = [json.loads(line) for name in ("open", "pairs_open") for line in open_lines(name)]
    texts = [line[key] for line in lines for key in ("expr", "dexpr") if key in line]
    assert [text for text in texts if not reads_back(text)] == []


def open_lines(name: str) -> list[str]:
    """Return the lines of a file of the corpus."""
    return (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    "name", [*(name for name in AWKWARD if name.isprintable()), "xα", "αβ", "x_αβ", "りα1", "e", "T", "if"]
)
def test_names_are_read_back(name: str) -> None:
    """A name of any characters is read back, as a factor, as a base and as an exponent."""
    quoted = f"`{name.replace('`', '``')}`"
    assert all(map(reads_back, (f"2*{quoted}*(1 + a)", f"{quoted}**x", f"x**{quoted}", f"z = {quoted}*b")))


def test_two_spellings_of_a_greek_letter_stay_two_names() -> None:
    """The name alpha and the letter α in one program are two inputs."""
    assert len(read(gg.parse("alpha + α").to_latex()).inputs) == 2


@pytest.mark.parametrize(
    ("opening", "inner", "closing"),
    [
        ("{", "x", "}"),
        (r"\left(", "x", r"\right)"),
        (r"\frac{1}{", "x", "}"),
        (r"\sqrt{", "x", "}"),
        ("x^{", "x", "}"),
        (r"\sin ", "x", ""),
        (r"\left|", "x", r"\right|"),
        (r"\begin{cases} x & x > 0 \\ ", "0", r"\end{cases}"),
        (r"\begin{cases} ", "x", r"& x > 0 \\ 0 \end{cases}"),
        ("-", "x", ""),
        ("x_{", "x", "}"),
        ("{", "", ""),
        (r"\psi^{(", "", ""),
        (r"\begin{cases}", "", ""),
    ],
)
def test_nesting_has_no_limit(opening: str, inner: str, closing: str) -> None:
    """Ten thousand levels are read, or refused by an error of ours, without recursion."""
    try:
        parse(opening * 10_000 + inner + closing * 10_000, grammar_of("latex"))
    except ExpressionError as error:
        assert error.span[1] <= len(error.source)  # both outcomes are right


def test_many_terms_are_read() -> None:
    """A sum of 100,000 terms is one statement."""
    [statement] = parse("+".join([r"\frac{x}{2}"] * 100_000), grammar_of("latex"))
    assert len(statement.code) == 400_000 - 1


PIECES = Path(__file__).with_name("latex_pieces.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("seed", range(20))
def test_any_text_is_read_or_refused_with_a_place(seed: int) -> None:
    """Random pieces give a graph, or an error of ours whose span is within the text."""
    for text in random_texts(PIECES, seed, 200, most=14, blanks=("", "", " ")):
        error_of(text, "latex")


def test_the_command_reads_latex(capsys: pytest.CaptureFixture[str]) -> None:
    """`--from latex` reads the expression, and inputs have the names of the plain language."""
    from graphgrad.cli.command import main

    assert main([r"\frac{\alpha}{x_{1}}", "--from", "latex", "--at", "alpha=3,x_1=4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == pytest.approx(0.75)


@pytest.mark.parametrize(("opening", "closing"), CLOSED.items())
def test_a_bracket_that_is_open_has_its_end_in_the_hint(opening: str, closing: str) -> None:
    """The message names the bracket, and the hint what closes it."""
    before = "x^" if opening == "{" else "x "
    with pytest.raises(gg.ExpressionSyntaxError, match="is never closed") as refused:
        gg.parse(f"{before}{opening}a + 1", dialect="latex")
    assert refused.value.hint == f"write {closing} where it ends"
