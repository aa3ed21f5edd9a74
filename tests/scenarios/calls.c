// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program may ask of the kernel under the driver, each with the answer that it must get. (The driver is only
 * there because a scenario needs one.)
 */
#include <dirent.h>
#include <kfail/scenario.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

/* Kept from run to run, this would count on: each run begins with the same bytes. */
static int runs;
static char *heap;

OPERATION(files)
{
	struct iovec parts[2] = {{"he", 2}, {"llo", 3}};
	char text[16] = "", *copy;
	struct stat st;
	int fd;

	expect_equal(++runs, 1);
	expect(!heap);
	fd = open("/tmp/file", O_RDWR | O_CREAT, 0600);
	expect_equal(fd, 3);
	expect_equal(writev(fd, parts, 2), 5);
	expect_equal(lseek(fd, 0, SEEK_SET), 0);
	expect_equal(read(fd, text, sizeof(text)), 5);
	expect(!strcmp(text, "hello"));
	expect_equal(pread(fd, text, 2, 3), 2);
	expect_equal(text[0], 'l');
	expect(!fstat(fd, &st) && st.st_size == 5 && S_ISREG(st.st_mode));
	expect(!stat("/tmp/file", &st) && st.st_size == 5);
	expect_equal(ftruncate(fd, 1), 0);
	expect(!fstat(fd, &st) && st.st_size == 1);
	expect_equal(close(fd), 0);
	expect(close(fd) == -1 && errno == EBADF);
	expect(!rename("/tmp/file", "/tmp/other"));
	expect(open("/tmp/file", O_RDONLY) == -1 && errno == ENOENT);
	expect(!unlink("/tmp/other"));
	heap = malloc(100);
	expect(heap && asprintf(&copy, "%d", 5) == 1 && !strcmp(copy, "5"));
	heap = realloc(heap, 5000);
	expect(heap);
	free(copy);
	return 0;
}

static unsigned count(const char *path, const char *name)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	while (dir && (entry = readdir(dir)))
		n += !strcmp(entry->d_name, name);
	if (dir)
		closedir(dir);
	return n;
}

OPERATION(directories)
{
	struct stat st;

	expect(!mkdir("/tmp/dir", 0755));
	expect(!symlink("dir", "/tmp/link"));
	expect_equal(count("/tmp", "dir"), 1);
	expect(!lstat("/tmp/link", &st) && S_ISLNK(st.st_mode));
	expect(rmdir("/tmp/link") == -1 && errno == ENOTDIR);
	expect(!mknod("/tmp/dir/null", S_IFCHR | 0600, makedev(1, 3)));
	expect_equal(open("/tmp/dir/null", O_RDWR), 3);
	expect(!close(3) && !unlink("/tmp/dir/null") && !unlink("/tmp/link") && !rmdir("/tmp/dir"));
	expect_equal(count("/dev", "board"), 1);
	expect_equal(count("/sys/module", "board"), 1);
	expect_equal(count("/sys/kernel/debug", "slab"), 1);
	return 0;
}

OPERATION(mounts)
{
	expect(!mkdir("/tmp/mnt", 0755));
	expect(!mount("none", "/tmp/mnt", "tmpfs", 0, NULL));
	expect(!close(open("/tmp/mnt/file", O_CREAT | O_WRONLY, 0600)));
	expect(umount("/tmp/none") == -1 && errno == ENOENT);
	expect(!umount("/tmp/mnt"));
	expect_equal(count("/tmp/mnt", "file"), 0);
	expect(!rmdir("/tmp/mnt"));
	return 0;
}

OPERATION(sockets)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/socket"};
	int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	char text[8] = "";

	expect(!bind(server, (struct sockaddr *)&address, sizeof(address)));
	expect(!listen(server, 1));
	expect(!connect(client, (struct sockaddr *)&address, sizeof(address)));
	fd = accept(server, NULL, NULL);
	expect_equal(send(client, "abc", 3, 0), 3);
	expect_equal(recv(fd, text, sizeof(text), 0), 3);
	expect(!strcmp(text, "abc"));
	close(fd);
	/* Nobody dies of SIGPIPE here. */
	expect(write(client, "x", 1) == -1 && errno == EPIPE);
	expect(!close(client) && !close(server) && !unlink("/tmp/socket"));
	return 0;
}

OPERATION(waiting)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct itimerspec in_a_minute = {.it_value.tv_sec = 60};
	struct timespec before, after;
	struct pollfd p;
	uint64_t n = 3;
	fd_set set;
	int ends[2], ep = epoll_create1(0), ev = eventfd(0, 0),
		     timer = timerfd_create(CLOCK_MONOTONIC, 0);

	expect(!epoll_ctl(ep, EPOLL_CTL_ADD, ev, &event));
	expect_equal(epoll_wait(ep, &event, 1, 0), 0);
	expect_equal(write(ev, &n, 8), 8);
	expect_equal(epoll_wait(ep, &event, 1, -1), 1);
	expect(!pipe(ends));
	p = (struct pollfd){.fd = ends[0], .events = POLLIN};
	clock_gettime(CLOCK_MONOTONIC, &before);
	expect_equal(poll(&p, 1, 30000), 0);
	sleep(30);
	clock_gettime(CLOCK_MONOTONIC, &after);
	expect(after.tv_sec - before.tv_sec >= 60 && after.tv_sec - before.tv_sec < 62);
	expect_equal(write(ends[1], "x", 1), 1);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	expect_equal(select(ends[0] + 1, &set, NULL, NULL, NULL), 1);
	expect(!timerfd_settime(timer, 0, &in_a_minute, NULL));
	expect_equal(read(timer, &n, 8), 8);
	expect_equal(n, 1);
	return 0;
}

OPERATION(bad_pointers)
{
	char *volatile nowhere = (char *)0x123456;

	expect(open(nowhere, O_RDONLY) == -1 && errno == EFAULT);
	expect(pipe((int *)(void *)nowhere) == -1 && errno == EFAULT);
	return 0;
}
