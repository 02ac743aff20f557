// Package daemon is what altoamd asks of the operating system for its own process: that
// nothing of its memory gets out and no right comes in (Harden), that its folder is its own
// (CheckFolder), what its children are told (Environment), and the words between it and a
// service manager (Notify, Watchdog). It knows nothing of configuration.
package daemon
