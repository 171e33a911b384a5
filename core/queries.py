"""Asking less: queries translated to SQL once, related records in part, figures kept for a while.

Django puts every query together and translates it anew each time it is asked. On a page with eight
small queries that takes more time than the database, the records and the markup together. A
prepared query is written as a function like any other query; its parameters are filled in when it
is asked, as with a prepared statement.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from django.conf import settings
from django.core.cache import caches
from django.core.paginator import Paginator
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable
from django.utils.translation import get_language

ModelT = TypeVar("ModelT", bound=models.Model)
RowsT = TypeVar("RowsT", bound=models.QuerySet[Any])
ValueT = TypeVar("ValueT")


class Parameter(Expression):
    """Stands in a prepared query for a value that comes when it is asked."""

    def __init__(self, name: str) -> None:
        """Remember under which name the value will come."""
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return a placeholder, with the parameter where its value will stand."""
        return "%s", (self,)


@dataclass(frozen=True, slots=True)
class Several:
    """Marks a parameter that stands for up to ``most`` values; give it as its default.

    Fewer values are filled up with nulls, which ``__in`` never finds. Use it for that alone.
    """

    most: int

    def parameters(self, name: str) -> list[Parameter]:
        """Return a parameter for each value."""
        return [Parameter(f"{name}[{position}]") for position in range(self.most)]

    def named(self, name: str, values: Sequence[Any]) -> dict[str, Any]:
        """Return the values by the names of their parameters."""
        if len(values) > self.most:
            raise ValueError(f"{name} takes {self.most} values, not {len(values)}.")
        filled = [*values, *[None] * (self.most - len(values))]
        return {f"{name}[{position}]": value for position, value in enumerate(filled)}


class Prepared(Generic[ModelT]):
    """A function that returns a query, turned into one that returns the rows for given values.

    The SQL is kept for each language, since the order of names depends on it.
    Whatever else the query depends on must be one of its parameters: not today's date, not a
    setting. Values are numbers, texts, dates or moments, or :class:`Several` of them.
    """

    def __init__(self, build: Callable[..., models.QuerySet[ModelT]]) -> None:
        """Remember the function; its first call is its first translation."""
        self.build = build
        parameters = inspect.signature(build).parameters
        self.takes = {name: parameter.default for name, parameter in parameters.items()}
        self.__doc__ = build.__doc__
        self.translated: dict[str | None, tuple[Any, str, tuple[Any, ...]]] = {}

    def __call__(self, *values: Any) -> list[ModelT]:
        """Return the rows for these values, given in the order of the parameters."""
        named: dict[str, Any] = {}
        for (name, kind), value in zip(self.takes.items(), values, strict=True):
            named |= kind.named(name, value) if isinstance(kind, Several) else {name: value}
        compiler, sql, parameters = self.translation()
        # A connection belongs to one thread, the translation to all.
        connection = connections[DEFAULT_DB_ALIAS]
        asked = tuple(
            connection.ops.adapt_unknown_value(named[parameter.name])
            if isinstance(parameter, Parameter)
            else parameter
            for parameter in parameters
        )
        compiler = copy(compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_kwargs: (sql, asked)
        rows = SimpleNamespace(
            db=DEFAULT_DB_ALIAS,
            query=SimpleNamespace(get_compiler=lambda **_kwargs: compiler),
            _known_related_objects={},
        )
        return list(ModelIterable(cast("models.QuerySet[ModelT]", rows)))

    def first(self, *values: Any) -> ModelT | None:
        """Return the first row, or ``None``."""
        return next(iter(self(*values)), None)

    def translation(self) -> tuple[Any, str, tuple[Any, ...]]:
        """Return the query's compiler with its SQL and the values and parameters in it."""
        language = get_language()
        if language not in self.translated:
            parameters = [
                kind.parameters(name) if isinstance(kind, Several) else Parameter(name)
                for name, kind in self.takes.items()
            ]
            query = self.build(*parameters).query
            compiler = query.get_compiler(DEFAULT_DB_ALIAS)
            sql, values = compiler.as_sql()
            self.translated[language] = compiler, sql, tuple(values)
        return self.translated[language]


def prepared(build: Callable[..., models.QuerySet[ModelT]]) -> Prepared[ModelT]:
    """Prepare the query that a function returns; use it as a decorator."""
    return Prepared(build)


def hanging(model: type[models.Model], name: str) -> Any:
    """Return the manager of the records that hang on ``model`` under a related name.

    This is how a prepared query reaches what lives above its app, as ``record.meetings`` does.
    """
    related: Any = model._meta.get_field(name).related_model
    return related.objects


def with_parts(rows: RowsT, **parts: Iterable[str]) -> RowsT:
    """Fetch related records along, but only the named fields of them: ``topic=("key", "name_de")``.

    A municipality has more than thirty columns, and a list needs six: leaving the others out halves
    the time of a query. A field that is not named costs a query of its own when it is read.
    """
    own = [field.name for field in rows.model._meta.concrete_fields]
    names = [f"{part}__{name}" for part, fields in parts.items() for name in fields]
    return rows.select_related(*parts).only(*own, *names)


def remembered(key: str, compute: Callable[[], ValueT]) -> ValueT:
    """Return what ``compute`` gives, at most ``settings.SUMMARY_SECONDS`` old.

    Counting fifty thousand rows costs more than showing twenty of them. The value must be the same
    for every visitor, and for every language that ``key`` does not name. Each process keeps its
    own.
    """
    seconds: int = settings.SUMMARY_SECONDS
    if seconds == 0:
        return compute()
    # Hashed: a question may be long and hold any letter.
    digest = hashlib.blake2b(key.encode(), digest_size=20).hexdigest()
    value: Any = caches["memory"].get_or_set(digest, compute, seconds)
    found: ValueT = value
    return found


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator whose count is remembered under ``key``; the rows themselves are always fresh."""

    def __init__(self, rows: models.QuerySet[Any], per_page: int, *, key: str) -> None:
        """Count the rows, or remember how many there were."""
        super().__init__(rows, per_page)
        self.count = remembered(key, rows.count)
