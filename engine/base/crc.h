/* crc - CRC-32C (RFC 3720, appendix B.4) of stored records. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t toc_crc32c(const void *p, size_t n);

#endif
