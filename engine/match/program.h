/* program - a condition as instructions that only go forward: verified once, so running it cannot fail or loop. */
#ifndef MATCH_PROGRAM_H
#define MATCH_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define TOC_ACCEPT UINT32_MAX
#define TOC_REJECT (UINT32_MAX - 1)

/* Go on at `yes` where the predicate holds, or one of the `more` that follow it in number, else at `no`: a later
 * instruction, or one of the two verdicts. */
struct toc_insn {
	uint32_t predicate, yes, no, more;
};

/* Every way through ends in a verdict within n steps, and asks predicates below `predicates` only. false: *why says
 * what is wrong. */
bool toc_program_verify(const struct toc_insn *code, uint32_t n, uint32_t predicates, const char **why);

/* Of a verified program. */
static inline bool toc_program_run(const struct toc_insn *code, bool (*holds)(void *, const struct toc_insn *),
				   void *self)
{
	uint32_t at = 0;
	while (at < TOC_REJECT)
		at = holds(self, &code[at]) ? code[at].yes : code[at].no;
	return at == TOC_ACCEPT;
}

#endif
