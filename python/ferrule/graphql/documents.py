"""Documents: parsed, checked and measured once each, then remembered.

Clients send a closed set of texts, and a cached one costs a thirtieth of a new one. Only documents
that passed are kept, and of those that known callers sent, so that nobody fills the cache with
nonsense.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)
from graphql.utilities import is_type_sub_type_of, type_from_ast
from graphql.validation import VariablesInAllowedPositionRule
from graphql.validation.rules.variables_in_allowed_position import allowed_variable_usage

from ferrule.errors import BadInput, TooLarge

MAX_DEPTH = 24
# A token takes about 400 bytes, and a client's document has some two hundred.
MAX_KEPT_TOKENS = 100_000
# Comparing is quadratic, and takes 2 microseconds each. Without fields that are selected twice
# there are none.
MAX_COMPARISONS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how broad a document may be."""

    characters: int
    tokens: int
    fields: int


KNOWN = Limits(characters=100_000, tokens=10_000, fields=2_000)
# Without a key one asks what the server is and has, and no more.
STRANGERS = Limits(characters=10_000, tokens=1_000, fields=100)


class _FieldsThatMerge(OverlappingFieldsCanBeMergedRule):
    """Fields of one name are one field; found out with a bounded effort."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_COMPARISONS


class _VariablesWhereTheyFit(ValidationRule):
    """Variables in places of their type; one item may stand for a list of it.

    A released client declares a text and puts it where a list of texts belongs.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_rest: Any) -> None:
        """Check each use of a variable in an operation."""
        declared = {each.variable.name.value: each for each in operation.variable_definitions or ()}
        schema = self.context.schema
        for usage in self.context.get_recursive_variable_usages(operation):
            variable = declared.get(usage.node.name.value)
            kind = type_from_ast(schema, variable.type) if variable else None
            if variable is None or kind is None or usage.type is None:
                continue
            fits = allowed_variable_usage(
                schema, kind, variable.default_value, usage.type, usage.default_value
            )
            if not fits and not _is_item_of(schema, kind, usage.type):
                self.report_error(
                    GraphQLError(
                        f"Variable `${usage.node.name.value}` of type `{kind}` does not fit where "
                        f"`{usage.type}` is due.",
                        [variable, usage.node],
                    )
                )


def _is_item_of(schema: GraphQLSchema, kind: Any, place: GraphQLInputType) -> bool:
    whole = place.of_type if isinstance(place, GraphQLNonNull) else place
    if not isinstance(whole, GraphQLList):
        return False
    item = whole.of_type
    bare = item.of_type if isinstance(item, GraphQLNonNull) else item
    return is_type_sub_type_of(schema, kind, bare)


_OURS: dict[type, type] = {
    VariablesInAllowedPositionRule: _VariablesWhereTheyFit,
    OverlappingFieldsCanBeMergedRule: _FieldsThatMerge,
}
_RULES = tuple(_OURS.get(rule, rule) for rule in specified_rules)


class Documents:
    """Checked documents of one schema; the one used longest ago goes first."""

    def __init__(self, schema: GraphQLSchema, *, max_tokens: int = MAX_KEPT_TOKENS) -> None:
        self._schema = schema
        self._left = max_tokens
        self._kept: OrderedDict[bytes, DocumentNode] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def get(self, text: str, *, known: bool = True) -> DocumentNode:
        """Return a document, checked.

        Args:
            text: The document.
            known: Whether it is known who sends it; a stranger's is small, and not kept.

        Raises:
            TooLarge: It is longer, deeper or broader than any client's.
            BadInput: It is no GraphQL, or asks for what the schema does not have.
        """
        if not known:
            return self._checked(text, STRANGERS)
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        kept = self._kept.get(digest)
        if kept is not None:
            self._kept.move_to_end(digest)
            return kept
        document = self._checked(text, KNOWN)
        self._keep(digest, document)
        return document

    def _keep(self, digest: bytes, document: DocumentNode) -> None:
        self._kept[digest] = document
        self._left -= document.token_count
        while self._left < 0:
            self._left += self._kept.popitem(last=False)[1].token_count

    def _checked(self, text: str, limits: Limits) -> DocumentNode:
        if len(text) > limits.characters:
            raise TooLarge(f"A GraphQL document has at most {limits.characters} characters.")
        try:
            document = parse(text, max_tokens=limits.tokens, no_location=True)
            measure(document, limits.fields)
            errors = validate(self._schema, document, _RULES, max_errors=5)
        except GraphQLError as err:
            raise BadInput(err.message) from err
        except RecursionError as err:
            raise TooLarge("The GraphQL document is nested too deeply.") from err
        if errors:
            raise BadInput(" ".join(error.message for error in errors))
        return document


def measure(document: DocumentNode, max_fields: int) -> None:
    """Refuse a document whose selections are too deep or too many, fragments spread out.

    Raises:
        TooLarge: They are.
    """
    fragments = {
        each.name.value: each.selection_set
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    sizes: dict[str, tuple[int, int]] = {}
    total = 0
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            fields, depth = _size(each.selection_set, fragments, sizes, ())
            total += fields
            if total > max_fields or depth > MAX_DEPTH:
                raise TooLarge(
                    f"A GraphQL document selects at most {max_fields} fields, {MAX_DEPTH} deep."
                )


def _size(
    selections: SelectionSetNode | None,
    fragments: dict[str, SelectionSetNode],
    sizes: dict[str, tuple[int, int]],
    inside: tuple[str, ...],
) -> tuple[int, int]:
    """Return how many fields a selection has, and how deep it is. Circles count as nothing.

    What holds fields counts as one: rules walk it too.
    """
    fields = depth = 0
    for each in selections.selections if selections else ():
        if isinstance(each, FieldNode):
            below, deep = _size(each.selection_set, fragments, sizes, inside)
            fields, depth = fields + 1 + below, max(depth, 1 + deep)
        elif isinstance(each, InlineFragmentNode):
            below, deep = _size(each.selection_set, fragments, sizes, inside)
            fields, depth = fields + 1 + below, max(depth, deep)
        elif isinstance(each, FragmentSpreadNode):
            name = each.name.value
            if name in inside or name not in fragments:
                continue
            if name not in sizes:
                sizes[name] = _size(fragments[name], fragments, sizes, (*inside, name))
            fields, depth = fields + 1 + sizes[name][0], max(depth, sizes[name][1])
    return fields, depth
