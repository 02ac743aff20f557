package tree

import "github.com/altoam/altoam/yang"

var leafListSchema = &yang.Node{Kind: yang.LeafList, OrderedByUser: true, Config: true}
