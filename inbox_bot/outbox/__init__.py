"""Frozen letters come in and leave as *sent*, *deferred*, *failed*, *bounced* or *unknown*, for the person they go to."""
