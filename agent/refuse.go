package agent

import (
	"errors"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// maxMisfits bounds how often a change that is refused is linked again, without what was
// at fault, to tell all that is wrong with it.
const maxMisfits = 20

// refuse notes why the change is refused. What needs the resource is not judged then:
// whatever is wrong with it may follow from this.
func (c *computation) refuse(id string, why *rpcerr.Error) {
	c.blamed[id] = true
	c.refused = append(c.refused, why)
}

// unjudged blames a resource that needs one to blame, or a source that was refused,
// without a reason of its own; false where needs names none.
func (c *computation) unjudged(r *resource, resources, sources []string) bool {
	if !meets(c.blamed, resources) && !meets(c.unopened, sources) {
		return false
	}
	c.blamed[r.id] = true
	return true
}

// withdraw takes a resource and all that needs it out of a world that will not be.
func (c *computation) withdraw(id string) {
	r := c.resources.At(id)
	if r == nil || c.withdrawn[id] {
		return
	}
	c.withdrawn[id] = true
	c.put(r.out(withdrawn))
	for _, user := range c.usersOf(needResource, id) {
		c.withdraw(user)
	}
}

// withdrawn is the fault of what withdraw takes out. Nobody sees it.
var withdrawn = rpcerr.New(rpcerr.OperationFailed, serverPath, "the change is refused")

// setAside withdraws what an error of link is about, so that others can be found; false
// where nothing can be found without it.
func (c *computation) setAside(why *rpcerr.Error) bool {
	var fault *alto.ConfigError
	if !errors.As(why, &fault) {
		return false
	}
	if fault.Resource == "" {
		return fault.Field != alto.FieldCostTypes && c.leaveOutSetting(fault, why)
	}
	r := c.ownerOf(fault.Resource)
	switch {
	case r == nil || c.withdrawn[r.id]:
		return false
	case len(r.served) == 2 && fault.Field == alto.FieldID && fault.Value == r.served[1].ID:
		copied := *r
		copied.served = r.served[:1] // the variant alone is in the way
		c.put(&copied)
	default:
		c.withdraw(r.id)
	}
	return true
}
