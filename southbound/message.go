package southbound

import (
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// protocol is the version of what is said; both sides must be of the same.
const protocol = 1

// message is one of its members. The server begins with a hello; each further message is
// a request of the manager or the reply to it, which come in the same order.
type message struct {
	Hello   *hello   `json:"hello,omitzero"`
	Step    *step    `json:"step,omitzero"`
	Applied *applied `json:"applied,omitzero"`
	Ask     *ask     `json:"ask,omitzero"`
	Told    *told    `json:"told,omitzero"`
}

// messageOptions write durations, which are in nanoseconds, as numbers.
var messageOptions = json.JoinOptions(
	json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, d time.Duration) error {
		return e.WriteToken(jsontext.Int(int64(d)))
	})),
	json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, to *time.Duration) error {
		t, err := d.ReadToken()
		if err != nil {
			return err
		}
		n, err := t.Int()
		*to = time.Duration(n)
		return err
	})),
)

// hello is what the server has.
type hello struct {
	Protocol  int         `json:"protocol"`
	PID       int         `json:"pid"`   // of the process
	Build     string      `json:"build"` // see ServerOptions.Build
	Settings  alto.Digest `json:"settings"`
	Resources []held      `json:"resources"`
	Bound     bound       `json:"bound"`
}

// bound is where the server listens.
type bound struct {
	Addrs   []Address `json:"addrs"`   // ascending
	Unbound []Unbound `json:"unbound"` // what cannot be listened on; each step tries again
}

// Address is one that clients can connect to.
type Address struct {
	Addr   string `json:"addr"`
	Secure bool   `json:"secure,omitempty"` // with TLS
}

// Unbound is an address that is wanted.
type Unbound struct {
	Addr  string `json:"addr"` // "": the list of them is at fault
	Error string `json:"error"`
}

// held is a resource that the server has, and the data behind it.
type held struct {
	ID     string        `json:"id"`
	Digest alto.Digest   `json:"digest"` // which the manager knows it by
	Data   []alto.Digest `json:"data,omitempty"`
}

// step changes what is served, at once. The data that it needs and the server has not
// came in frames before it.
type step struct {
	Settings           *settings `json:"settings,omitempty"` // nil: as they were
	Put                []put     `json:"put,omitempty"`
	Remove             []string  `json:"remove,omitempty"`
	Reconfigured       []string  `json:"reconfigured,omitempty"` // accounts: see alto.Server.Publish
	ServerReconfigured bool      `json:"server-reconfigured,omitempty"`
}

// settings are what concerns no resource by itself.
type settings struct {
	Digest     alto.Digest    `json:"digest"` // which the manager knows them by
	Window     time.Duration  `json:"window"`
	MaxClients int            `json:"max-clients"`
	ALTO       alto.Settings  `json:"alto"`
	Access     jsontext.Value `json:"access"` // how clients reach the server and who they are: see Realise
}

// put is a resource that is new or another: see alto.EncodeResource.
type put struct {
	Held held           `json:"held"`
	Form jsontext.Value `json:"form"`
}

// applied replies to a step.
type applied struct {
	Error string `json:"error,omitempty"` // why nothing has changed
	Bound bound  `json:"bound"`
}

// ask asks for figures, or to stop serving.
type ask struct {
	Server   bool   `json:"server,omitzero"`
	Resource string `json:"resource,omitempty"` // an account
	Load     string `json:"load,omitempty"`     // an account: see alto.Server.ResourceLoad
	Clients  bool   `json:"clients,omitempty"`  // which are counted
	Client   string `json:"client,omitempty"`
	Limited  bool   `json:"limited,omitempty"` // requests that were refused
	// Want is what to hand over without being asked, in a form that is known to who wants
	// it and who has it: see ServerOptions.Want.
	Want    jsontext.Value `json:"want,omitempty"`
	Release bool           `json:"release,omitempty"` // the reply comes when no address is listened on any more
	Quit    bool           `json:"quit,omitempty"`    // after Release the process ends
}

// told replies to an ask.
type told struct {
	Server   *alto.ServerStats     `json:"server,omitzero"`
	Resource *alto.ResourceStats   `json:"resource,omitempty"` // nil: there is no such account
	Load     *load                 `json:"load,omitempty"`
	Clients  []string              `json:"clients,omitempty"`
	Client   *alto.ClientStats     `json:"client,omitempty"` // nil: it is not counted
	Limited  map[alto.Limit]uint64 `json:"limited,omitempty"`
}

type load struct {
	Memory  uint64 `json:"memory"`
	Streams uint64 `json:"streams"`
}
