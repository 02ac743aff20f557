//go:build !race

package netconf

const raceMemory = 1
