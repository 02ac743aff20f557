// Package query reduces data trees to what a reader asked for: by subtree filter,
// XPath, depth, fields or kind of content, and adds or removes defaults. Every
// function takes an immutable tree and returns another one that shares with it
// all that was selected whole: a selection costs what it selects, not what the
// datastore holds. Entries of a list always keep their keys.
package query
