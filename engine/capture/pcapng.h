/* pcapng - makes files of several unlike interfaces readable for libpcap. */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

/*
 * libpcap ends at an interface whose link type or snap length is not the first one's, though Wireshark writes such
 * files whenever it listens to more than one. This stream is the file with every snap length unlimited, every link type
 * the first one's, and frames of interfaces with another link type hidden in blocks that libpcap passes over.
 */
struct pcapng;

/* Takes the file, which must be at its beginning. Aborts when memory is out. */
struct pcapng *pcapng_new(FILE *file);

/* The stream; closing it closes the file. */
FILE *pcapng_stream(struct pcapng *ng);

/* Frames hidden so far. */
uint64_t pcapng_hidden(const struct pcapng *ng);

/* To be called after the stream is closed. */
void pcapng_free(struct pcapng *ng);

#endif
