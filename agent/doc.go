// Package agent keeps an ALTO server as the configuration wants it. There are only
// a few types. An [Agent] takes part in every change of running: it reads the
// entries that changed into generated structs ([Fill]), opens data sources, lets the
// drivers' algorithms make resources of them, and swaps what is served when the
// change is made. A world is what one configuration and the data of one moment make
// of the server; it never changes, a new one takes its place. Between changes of
// running, new data of a source makes a new world too.
//
// A change that cannot be realised is refused, but for a restart: what was agreed to
// before must not keep the server from being managed. Sources that cannot be opened,
// resources that cannot be computed and addresses that cannot be bound are left out
// then, logged with the path of their node, and tried again until they can.
//
// The statistics of the server and the state of the sources go into operational
// (ietf-alto-stats, altoam-source) and to Prometheus.
//
// What is wrong with any of this is an alarm (altoam-alarms). A guard holds back maps in
// which new data would change too much (altoam-guard), and a probe looks at the server as
// its clients do (altoam-probe).
package agent
