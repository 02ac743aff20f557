package yang

// definition is a typedef or grouping as facts report it.
type definition struct {
	name string
}
