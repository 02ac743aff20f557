package alto

// Media types of RFC 7285 Section 14.1 and RFC 9240 Section 12; none ever has a
// parameter.
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
	MediaError              = "application/alto-error+json"
)
