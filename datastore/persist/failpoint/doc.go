// Package failpoint marks the steps of a commit at which tests kill the process. In
// a build with the tag "failpoint" the process dies at the point that the
// environment variable ALTOAM_FAILPOINT=NAME:COUNT names, the COUNTth time it comes
// there; in any other build At is empty and the compiler removes the call.
package failpoint
