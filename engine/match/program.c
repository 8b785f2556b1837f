/* program - the verifier. */
#include "match/program.h"

#include <stddef.h>

static bool goes_forward(uint32_t target, uint32_t from, uint32_t n)
{
	return target == TOC_ACCEPT || target == TOC_REJECT || (target > from && target < n);
}

bool toc_program_verify(const struct toc_insn *code, uint32_t n, uint32_t predicates, const char **why)
{
	const char *wrong = n == 0 ? "a program is empty" : n >= TOC_REJECT ? "a program is too long" : NULL;
	for (uint32_t i = 0; i < n && !wrong; i++) {
		if (code[i].predicate >= predicates || code[i].more >= predicates - code[i].predicate)
			wrong = "a program asks a predicate that does not exist";
		else if (!goes_forward(code[i].yes, i, n) || !goes_forward(code[i].no, i, n))
			wrong = "a program goes backwards or past its end";
	}
	if (wrong)
		*why = wrong;
	return !wrong;
}
