/*
 * replay - gives each fuzz target the inputs that are kept for it (kept/TARGET.txt), with no fuzzer: `fuzz-replay
 * FOLDER [TARGET…]`, any compiler, under the sanitizers in CI. Each target has a process of its own, so that one that
 * dies does not hide the others, and what one does to the process (fuzz_tls_server closes stderr) is its own.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The build names each target's two entries after it (tests/CMakeLists.txt); few have the second. */
#define TARGET(name)                                                                                                   \
	int run_##name(const uint8_t *data, size_t n);                                                                 \
	__attribute__((weak)) int begin_##name(int *argc, char ***argv);
#include "fuzz_targets.def"
#undef TARGET

static const struct target {
	const char *name;
	int (*run)(const uint8_t *data, size_t n);
	int (*begin)(int *argc, char ***argv);
} targets[] = {
#define TARGET(name) { #name, run_##name, begin_##name },
#include "fuzz_targets.def"
#undef TARGET
};

enum { TARGETS = sizeof(targets) / sizeof(targets[0]), SECONDS_EACH = 20 };

static int digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In memory of its own, exactly as long as it is: one byte too far is seen. False where the line holds no bytes. */
static bool run_line(const struct target *t, const char *hex, size_t digits)
{
	const size_t n = digits / 2;
	uint8_t *data = malloc(n ? n : 1);
	bool ok = data && digits % 2 == 0;
	for (size_t i = 0; ok && i < n; i++) {
		const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
		ok = high >= 0 && low >= 0;
		data[i] = (uint8_t)(high << 4 | low);
	}
	if (ok)
		t->run(data, n);
	free(data);
	return ok;
}

/* Runs all that is kept for a target; returns the process's status. The line before the one that kills it is told. */
static int run_target(const struct target *t, const char *folder, int argc, char **argv)
{
	char path[512], *line = NULL;
	size_t room = 0;
	ssize_t n;
	unsigned inputs = 0, number = 0;
	snprintf(path, sizeof(path), "%s/%s.txt", folder, t->name);
	FILE *f = fopen(path, "re");
	if (!f) {
		fprintf(stderr, "%s: nothing is kept for %s: tests/fuzz/keep.py\n", path, t->name);
		return 1;
	}
	alarm(SECONDS_EACH);
	if (t->begin)
		t->begin(&argc, &argv);
	t->run((const uint8_t *)"", 0);
	while ((n = getline(&line, &room, f)) > 0) {
		number++;
		n -= line[n - 1] == '\n';
		line[n] = '\0';
		const char *hex = strchr(line, ' ');
		if (*line == '#')
			continue;
		fprintf(stderr, "%s:%u: %.*s\n", path, number, hex ? (int)(hex - line) : 0, line);
		if (!hex || !run_line(t, hex + 1, strlen(hex + 1))) {
			fprintf(stderr, "%s:%u: not `name hexadecimal`\n", path, number);
			return 1;
		}
		inputs++;
	}
	free(line);
	fclose(f);
	printf("%s: %u inputs\n", t->name, inputs);
	return inputs ? 0 : 1;
}

static bool asked(const char *name, char **names)
{
	bool found = !*names;
	for (; *names; names++)
		found |= strcmp(*names, name) == 0;
	return found;
}

/* The child's words go to a file, which is shown where it fails. */
static bool passes(const struct target *t, const char *folder, int argc, char **argv)
{
	FILE *words = tmpfile();
	int status, c;
	if (!words)
		return false;
	fflush(stdout);
	const pid_t child = fork();
	if (child == 0) {
		dup2(fileno(words), STDERR_FILENO);
		exit(run_target(t, folder, argc, argv));
	}
	const bool ok = child > 0 && waitpid(child, &status, 0) == child && status == 0;
	if (!ok) {
		printf("%s: FAILED\n", t->name);
		for (rewind(words); (c = getc(words)) != EOF;)
			putchar(c);
	}
	fclose(words);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	if (argc < 2) {
		fputs("usage: fuzz-replay FOLDER [TARGET…]\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < TARGETS; i++)
		if (asked(targets[i].name, argv + 2)) {
			const bool ok = passes(&targets[i], argv[1], argc, argv);
			passed += ok;
			failed += !ok;
		}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
