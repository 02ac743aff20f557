//go:build race

package netconf

// raceMemory is how many times the memory the race detector takes, at most.
const raceMemory = 2
