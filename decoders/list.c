/* list - all decoders, in the order of decoders.def. */
#include "tocsin/decoder.h"

#define DECODER(name) extern const struct toc_decoder toc_decoder_##name;
#include "decoders.def"
#undef DECODER

const struct toc_decoder *const toc_decoders[] = {
#define DECODER(name) &toc_decoder_##name,
#include "decoders.def"
#undef DECODER
	NULL
};
