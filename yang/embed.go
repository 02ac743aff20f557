package yang

import (
	"embed"
	"io/fs"
	"sync"
)

//go:embed modules
var embedded embed.FS

// BuiltinFS is the folder of the modules that are built into the program.
func BuiltinFS() fs.FS {
	sub, err := fs.Sub(embedded, "modules")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

// Builtin is the Library of the built-in modules. It is shared: what one caller
// parsed the next finds parsed.
var Builtin = sync.OnceValue(func() *Library { return NewLibrary(BuiltinFS()) })
