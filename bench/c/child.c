/* The programs of the benchmark, in one small static file, so that what is measured
 * is the supervisor and not the child. In C because a Go program takes longer to
 * start than a supervisor takes to start it.
 *
 *   child idle ID RECORDS               record the start, then wait to be killed
 *   child write ID RECORDS BYTES BLOCK  record the start; when RECORDS.go exists write
 *                                       BYTES in numbered 100-byte lines, BLOCK bytes
 *                                       at a time; then exit, or with "stay" wait
 *   child crowd N RECORDS               the limit: start N idle children with three
 *                                       pipes each; SIGTERM ends them and it
 *   child keep N RECORDS                the limit: start N, and start again what dies
 *
 * A record is {uint32 id, uint32 pid, uint64 CLOCK_MONOTONIC in ns}, appended with
 * one write. The record of a writer's first byte has the top bit of its id set. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define LINE 100

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void record(const char *path, uint32_t id, uint64_t when)
{
	struct {
		uint32_t id, pid;
		uint64_t when;
	} r = {id, (uint32_t)getpid(), when};
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, &r, sizeof r) != sizeof r)
		_exit(97);
	close(fd);
}

/* line writes "#000000000042 id=007 xxxx…\n". */
static void line(char *to, uint64_t number, unsigned id)
{
	memset(to, 'x', LINE);
	to[0] = '#';
	for (int i = 12; i >= 1; i--, number /= 10)
		to[i] = (char)('0' + number % 10);
	memcpy(to + 13, " id=", 4);
	for (int i = 19; i >= 17; i--, id /= 10)
		to[i] = (char)('0' + id % 10);
	to[20] = ' ';
	to[LINE - 1] = '\n';
}

static void put(const char *from, size_t n)
{
	while (n > 0) {
		ssize_t k = write(1, from, n);
		if (k < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (k < 0)
			_exit(98);
		from += k;
		n -= (size_t)k;
	}
}

static void write_lines(unsigned id, uint64_t bytes, size_t block)
{
	uint64_t number = 0, total = bytes / LINE;
	size_t have = 0;
	char *buffer = malloc(block + LINE);
	while (number < total || have > 0) {
		while (have < block && number < total) {
			line(buffer + have, number++, id);
			have += LINE;
		}
		size_t n = have < block ? have : block;
		put(buffer, n);
		have -= n;
		memmove(buffer, buffer + n, have);
	}
	free(buffer);
}

static volatile sig_atomic_t ending;
static void end(int sig) { (void)sig; ending = 1; }

static char *self, *records;

static pid_t start_one(int id)
{
	char number[16];
	int pipes[3][2];
	pid_t pid;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char *args[] = {self, "idle", number, records, NULL};

	snprintf(number, sizeof number, "%d", id);
	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < 3; i++) {
		if (pipe2(pipes[i], O_CLOEXEC)) {
			perror("pipe2");
			exit(1);
		}
		posix_spawn_file_actions_adddup2(&actions, pipes[i][i == 0 ? 0 : 1], i);
	}
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	if ((errno = posix_spawn(&pid, self, &actions, &attributes, args, environ))) {
		perror("posix_spawn");
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	for (int i = 0; i < 3; i++)
		close(pipes[i][i == 0 ? 0 : 1]);
	return pid;
}

static void supervise(int n, int again)
{
	struct sigaction action = {.sa_handler = end};
	pid_t *pids = calloc((size_t)n, sizeof *pids);
	sigaction(SIGTERM, &action, NULL);
	for (int i = 0; i < n; i++)
		pids[i] = start_one(i);
	while (!ending) {
		pid_t pid = again ? waitpid(-1, NULL, 0) : (pause(), -1);
		for (int i = 0; pid > 0 && !ending && i < n; i++)
			if (pids[i] == pid) {
				pids[i] = start_one(i);
				break;
			}
	}
	for (int i = 0; i < n; i++)
		kill(pids[i], SIGTERM);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

int main(int argc, char **argv)
{
	uint64_t started = now();
	if (argc < 4)
		return 95;
	records = argv[3];
	if (!strcmp(argv[1], "crowd") || !strcmp(argv[1], "keep")) {
		self = argv[0];
		supervise(atoi(argv[2]), argv[1][0] == 'k');
		return 0;
	}
	unsigned id = (unsigned)atoi(argv[2]);
	record(records, id, started);
	if (!strcmp(argv[1], "write")) {
		char go[4096];
		snprintf(go, sizeof go, "%s.go", records);
		while (access(go, F_OK))
			usleep(1000);
		record(records, id | 0x80000000u, now());
		write_lines(id, strtoull(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
		if (argc < 7)
			return 0;
	}
	for (;;)
		pause();
}
