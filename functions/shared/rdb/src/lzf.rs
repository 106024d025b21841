//! LZF streams: walked without decoding, or decoded with a bounded look-back.
