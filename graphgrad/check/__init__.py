"""Check the numbers of both passes against sympy, and report the error of each."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.check.array_rules import array_rule_rows as array_rule_rows
    from graphgrad.check.levels import check as check
    from graphgrad.check.report import Report as Report
    from graphgrad.check.report import Row as Row
    from graphgrad.check.rules import rule_rows as rule_rows
    from graphgrad.check.value_rules import array_value_rule_rows as array_value_rule_rows
    from graphgrad.check.value_rules import value_rule_rows as value_rule_rows
    from graphgrad.check.whole_expression import WholeExpression as WholeExpression
    from graphgrad.check.witnesses import Witnesses as Witnesses
else:
    __getattr__, __dir__ = lazy_face(__name__)
