/* template - what lines that nobody knows have in common: a handful of patterns mined as they come. */
#ifndef NORMALISE_TEMPLATE_H
#define NORMALISE_TEMPLATE_H

#include "tocsin/span.h"

/* 40 words of 240 bytes are looked at; more are the rest. */
enum { TEMPLATE_TEXT = 240, TEMPLATE_WORDS = 40, TEMPLATE_PATTERN = 1024 };

struct template
{
	char text[TEMPLATE_TEXT]; /* words, each with a space behind it; a hole is one control byte (template.c) */
	uint32_t lines;
};

/*
 * Finds the template of the line, the one of as many words that shares most of them and at least half: what differs
 * becomes a hole. Makes a new one where none fits; of n that are taken, the one of the fewest lines goes. All zero at
 * first. Returns it.
 */
struct template *template_take(struct template *all, unsigned n, struct toc_span line);

/* As a normaliser's pattern, in YAML's single quotes; returns its length. */
size_t template_pattern(const struct template *t, char out[TEMPLATE_PATTERN]);

#endif
