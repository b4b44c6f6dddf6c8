"""The phrases of an explanation, by language."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["WORDS", "Words"]


class Words(NamedTuple):
    """The phrases of one language; {of} is replaced by the output, {by} by the input."""

    title: str
    point: str
    steps: str
    left_out: str
    local: str
    occurrences: str
    path: str
    paths: str
    sum: str
    seed: str
    nothing: str
    flat: str
    itself: str
    end: str
    used: str
    twice: str
    times: str
    also: str
    gather: str
    sympy: str
    sides: str
    not_attempted: str
    note: str


WORDS: Final = {
    "en": Words(
        title="The chain rule for {of} by {by}",
        point="At {values}:",
        steps="The steps, by name:",
        left_out="the {count} steps furthest from {of} are left out",
        local="Their local derivatives:",
        occurrences="a number above an operand counts its places in a step: only there it is taken to change",
        path="Multiplied along the path from {by} to {of}:",
        paths="Multiplied along each of the {count} paths from {by} to {of}:",
        sum="Added over the paths:",
        seed="The gradient is this derivative times the seed:",
        nothing="0, because {of} does not depend on {by}:",
        flat="0, because {of} does not change with {by} at this point, where a step is flat or a branch is not taken:",
        itself="1, because {of} is {by} itself:",
        end="it begins with {seed}, because {of} is the end",
        used="a sum, because {node} is used {often}: in {users}",
        twice="twice",
        times="{count} times",
        also=" and ",
        gather="{count} paths lead from {by} to {of}, too many to write out. Instead, from {of} on back, each step "
        "gathers what its users hand back:",
        sympy="Sympy's derivative of the whole, beside it:",
        sides="one-sided, left and right",
        not_attempted="not attempted: {why}",
        note="Note:",
    ),
    "ja": Words(
        title="{of} の {by} による微分の連鎖律",
        point="{values} のとき:",
        steps="各ノードに名前を付ける:",
        left_out="{of} から遠い {count} 個のノードは省略",
        local="各ノードの局所的な微分:",
        occurrences="上付きの数は、そのノードの中で何番目に現れるかを表し、そこだけが変化するとみなす",
        path="{by} から {of} への経路に沿って掛ける:",
        paths="{by} から {of} への {count} 本の経路のそれぞれに沿って掛ける:",
        sum="経路について足し合わせる:",
        seed="勾配は、この微分に seed を掛けたもの:",
        nothing="{of} は {by} に依存しないので 0:",
        flat="{of} はこの点で {by} とともに変化しない(平らなノードがあるか、選ばれない枝にある)ので 0:",
        itself="{of} は {by} そのものなので 1:",
        end="{of} が終点なので {seed} から始まる",
        used="{node} が {users} で {often}使われるので、和になる",
        twice="2 回",
        times="{count} 回",
        also=" と ",
        gather="{by} から {of} への経路は {count} 本あり、書き切れない。そこで {of} から順に、"
        "各ノードが使われる先から受け取る微分を集める:",
        sympy="sympy による式全体の微分と比べる:",
        sides="片側微分、左と右",
        not_attempted="試みていない: {why}",
        note="注意:",
    ),
}
