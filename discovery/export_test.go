package discovery

// Substitute is for tests.
var Substitute = substitute
