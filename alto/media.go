package alto

// Media types of RFC 7285 Section 14.1, RFC 9240 Section 12, RFC 9241 Section 7,
// RFC 8895 Section 12, RFC 9569 Section 10 and what these use; none but multipart/related has a parameter.
const (
	MediaDirectory          = "application/alto-directory+json"
	MediaNetworkMap         = "application/alto-networkmap+json"
	MediaNetworkMapFilter   = "application/alto-networkmapfilter+json"
	MediaCostMap            = "application/alto-costmap+json"
	MediaCostMapFilter      = "application/alto-costmapfilter+json"
	MediaEndpointProp       = "application/alto-endpointprop+json"
	MediaEndpointPropParams = "application/alto-endpointpropparams+json"
	MediaEndpointCost       = "application/alto-endpointcost+json"
	MediaEndpointCostParams = "application/alto-endpointcostparams+json"
	MediaPropertyMap        = "application/alto-propmap+json"
	MediaPropertyMapParams  = "application/alto-propmapparams+json"
	MediaCDNI               = "application/alto-cdni+json"
	MediaCDNIFilter         = "application/alto-cdnifilter+json"
	MediaUpdateParams       = "application/alto-updatestreamparams+json"
	MediaUpdateControl      = "application/alto-updatestreamcontrol+json"
	MediaTIPS               = "application/alto-tips+json"
	MediaTIPSParams         = "application/alto-tipsparams+json"
	MediaEventStream        = "text/event-stream"
	MediaMergePatch         = "application/merge-patch+json"
	MediaJSONPatch          = "application/json-patch+json"
	MediaRelated            = "multipart/related" // of path vectors, with parameters
	MediaError              = "application/alto-error+json"
)
