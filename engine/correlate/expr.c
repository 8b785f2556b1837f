/* expr - a condition over the rules that are present, in postfix order. */
#include "correlate/cell.h"

bool expr_holds(const struct toc_corr_expr *e, uint32_t present)
{
	uint64_t stack = 0; /* one bit a value, the newest lowest; ruleset/ bounds the depth */
	for (unsigned i = 0; i < e->n; i++) {
		const bool top = stack & 1;
		switch ((enum toc_corr_step)e->words[i].step) {
		case TOC_CORR_IS:
			stack = stack << 1 | (present >> e->words[i].ref & 1);
			break;
		case TOC_CORR_NOT:
			stack ^= 1;
			break;
		case TOC_CORR_AND:
			stack = stack >> 1;
			stack = top ? stack : stack & ~(uint64_t)1;
			break;
		case TOC_CORR_OR:
			stack = stack >> 1;
			stack = top ? stack | 1 : stack;
			break;
		}
	}
	return stack & 1;
}
