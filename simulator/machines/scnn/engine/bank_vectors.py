"""Vectors of small numbers, one for each accumulator bank, for compiled code: each operation is a few instructions.

Numba makes vector operations of some loops over arrays, but has the arrays in memory between two loops. A vector here
is one value, which stays in registers. Sums saturate, so that a number that does not fit is never mistaken for a small
one. The functions below say what an operation does, in NumPy; they are what runs without compilation, too. What Numba
compiles in place of each is written after it as operations of LLVM, which has them on every processor.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, models, register_model, type_callable

LANES = 32
"""Numbers of a vector for each element of the tuple `lanes`, whose length is known when Numba compiles."""

Lowering = Callable[[Any, Any, Any, Any], Any]
"""What writes the operations of a call: context, builder, signature, values of the arguments -> value of the result."""


def load(numbers: np.ndarray, at: int, lanes: tuple[int, ...]) -> np.ndarray:
    """The vector that begins at an index into all elements of an array, uint8 or uint16 [any contiguous shape]."""
    return numbers.reshape(-1)[at : at + LANES * len(lanes)].copy()


def store(numbers: np.ndarray, at: int, vector: np.ndarray) -> None:
    """Write a vector, uint8 or uint16 [banks], into an array of its dtype [any contiguous shape], as in `load`."""
    numbers.reshape(-1)[at : at + vector.size] = vector


def splat(number: int, like: np.ndarray) -> np.ndarray:
    """A vector of one number, or of the greatest that fits, like another one: uint8 or uint16 [banks]."""
    return np.full_like(like, min(number, np.iinfo(like.dtype).max))


def add(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sum of two vectors, uint8 or uint16 [banks] each, at most the greatest number of their type."""
    return a + np.minimum(b, ~a)


def subtract(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Vector `a` less vector `b`, uint8 or uint16 [banks] each, at least 0."""
    return np.maximum(a, b) - b


def smaller(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The smaller number of two vectors, uint8 or uint16 [banks] each, bank by bank."""
    return np.minimum(a, b)


def any_set(a: np.ndarray) -> bool:
    """Whether a vector, uint8 or uint16 [banks], has a number above 0."""
    return bool(a.any())


def rarely(condition: bool) -> bool:
    """A condition; the compiler takes it to hold so rarely that what follows then may be slow."""
    return condition


class Vector(types.Type):
    """Numba's type of a vector: `length` unsigned numbers of `bits` bits each."""

    def __init__(self, bits: int, length: int):
        super().__init__(name=f"BankVector({bits}, {length})")
        self.bits, self.length = bits, length


@register_model(Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector):
        super().__init__(manager, kind, ir.VectorType(ir.IntType(kind.bits), kind.length))  # type: ignore[no-untyped-call]


def _compile(function: Callable[..., Any], typing: Callable[..., Any], *kinds: type) -> Callable[[Lowering], Lowering]:
    """Have calls of a function typed by `typing`, and compiled by what this decorates for arguments of some kinds."""
    type_callable(function)(lambda _: typing)
    return lower_builtin(function, *kinds)  # type: ignore[no-untyped-call]


def _place(context: Any, builder: Any, kinds: Any, values: Any, vector: Vector) -> Any:
    """The pointer to a vector in an array; its first and last index are checked where Numba checks all indices."""
    numbers = context.make_array(kinds[0])(context, builder, values[0])
    at = context.cast(builder, values[1], kinds[1], types.intp)
    if context.enable_boundscheck:
        for index in (at, builder.add(at, ir.Constant(at.type, vector.length - 1))):
            cgutils.do_boundscheck(context, builder, index, numbers.nitems, 0)  # type: ignore[no-untyped-call]
    return builder.bitcast(builder.gep(numbers.data, [at]), context.get_value_type(vector).as_pointer())


@_compile(
    load,
    lambda numbers, _at, lanes: Vector(numbers.dtype.bitwidth, LANES * len(lanes)),
    *(types.Array, types.Integer, types.BaseTuple),
)
def _load(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    vector = signature.return_type
    return builder.load(_place(context, builder, signature.args, values, vector), align=vector.bits // 8)


@_compile(store, lambda _numbers, _at, _vector: types.none, types.Array, types.Integer, Vector)
def _store(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    vector = signature.args[2]
    builder.store(values[2], _place(context, builder, signature.args, values, vector), align=vector.bits // 8)
    return context.get_dummy_value()


@_compile(splat, lambda _number, like: like, types.Integer, Vector)
def _splat(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    kind = context.get_value_type(signature.return_type)
    number = context.cast(builder, values[0], signature.args[0], types.int64)
    most = ir.Constant(number.type, (1 << kind.element.width) - 1)
    fitting = builder.select(builder.icmp_signed("<", number, most), number, most)
    first = ir.Constant(ir.IntType(32), 0)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), builder.trunc(fitting, kind.element), first)
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(first.type, kind.count), None))


def _call(builder: Any, name: str, *values: Any) -> Any:
    """A call of one of LLVM's functions with arguments and a result of one type."""
    kind = ir.FunctionType(values[0].type, [value.type for value in values])
    function = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]
    return builder.call(function, values)


for _function, _name in ((add, "uadd.sat"), (subtract, "usub.sat"), (smaller, "umin")):

    @_compile(_function, lambda a, _b: a, Vector, Vector)
    def _combine(_: Any, builder: Any, signature: Any, values: Any, name: str = _name) -> Any:
        vector = signature.return_type
        return _call(builder, f"llvm.{name}.v{vector.length}i{vector.bits}", *values)


@_compile(any_set, lambda _vector: types.boolean, Vector)
def _any_set(_: Any, builder: Any, signature: Any, values: Any) -> Any:
    whole = ir.IntType(signature.args[0].bits * signature.args[0].length)
    return builder.icmp_unsigned("!=", builder.bitcast(values[0], whole), ir.Constant(whole, 0))


@_compile(rarely, lambda condition: condition, types.Boolean)
def _rarely(_: Any, builder: Any, __: Any, values: Any) -> Any:
    return _call(builder, "llvm.expect.i1", values[0], ir.Constant(values[0].type, 0))
