/* uid - a flow's identifier as text. */
#include "base/uid.h"

size_t toc_uid_print(uint64_t uid, char out[18])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char text[16];
	size_t n = 0;
	do {
		text[n++] = digits[uid % 62];
		uid /= 62;
	} while (uid);
	out[0] = 'C';
	for (size_t i = 0; i < n; i++)
		out[1 + i] = text[n - 1 - i];
	out[n + 1] = '\0';
	return n + 1;
}
