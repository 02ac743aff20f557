// Package alarms keeps the alarms of a system after the model of RFC 8632: what is
// wrong, with which resource, since when, and what an operator has said about it. There
// are few types. A [Condition] is something that is wrong; a [List] makes an [Alarm] of
// it when it is first reported, notes each change of its severity until it is over, and
// tells whoever wants to know once for each change. A list can be kept in a file, to go on
// with after a restart. It knows neither YANG nor what its resources and types stand for.
//
// Not from RFC 8632: alarms are told apart by resource and type alone, without a
// qualifier, and there are no shelves.
package alarms
