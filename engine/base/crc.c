/* crc - CRC-32C: by the processor's instruction where it has one, else by nibbles, which is small. */
#include "base/crc.h"

#include <stdbool.h>
#include <string.h>

/* remainder of each nibble by the reflected Castagnoli polynomial 0x82f63b78 */
static const uint32_t nibble[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
				     0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
				     0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };

static uint32_t by_nibbles(uint32_t crc, const uint8_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		crc ^= in[i];
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *in, size_t n)
{
	uint64_t wide = crc;
	for (; n >= 8; in += 8, n -= 8) {
		uint64_t word;
		memcpy(&word, in, 8);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	crc = (uint32_t)wide;
	for (; n; in++, n--)
		crc = __builtin_ia32_crc32qi(crc, *in);
	return crc;
}

static bool has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2") != 0;
}
#else
static uint32_t by_instruction(uint32_t crc, const uint8_t *in, size_t n)
{
	return by_nibbles(crc, in, n);
}

static bool has_instruction(void)
{
	return false;
}
#endif

uint32_t toc_crc32c(const void *p, size_t n)
{
	return ~(has_instruction() ? by_instruction : by_nibbles)(~UINT32_C(0), p, n);
}
