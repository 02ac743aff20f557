// Package xpath evaluates XPath 1.0 with the YANG functions of RFC 7950 Section
// 10 on data trees. There are few types:
//
//   - Model: what evaluation needs of a Schema: default nodes, compiled when
//     expressions and leafref paths;
//   - Program: one compiled expression, with the schema nodes it depends on;
//   - Env: one accessible tree (RFC 7950 Section 6.4.1), with Limits on the visits
//     and the memory of an evaluation, and a context that interrupts it;
//   - Cursor: a node in the accessible tree with its ancestors.
//
// The accessible tree shows leafs and leaf-lists whose default is in use and
// non-presence containers whether or not they are stored. Predicates that give
// all keys of a list, or the value of a leaf-list, become look-ups, in any order,
// joined by "and" or, for one key, by "or". Content of anydata and anyxml is not
// seen, there are no attributes, comments and processing instructions, and name()
// has the module's name for the prefix.
package xpath
