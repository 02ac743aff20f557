package alto

// HeaderPath is the header of each answer with data that names the servers that the data
// came through, the one that answers first. It is this project's own: servers that take
// data from each other keep out by it what came from themselves.
const HeaderPath = "Altoam-Path"
