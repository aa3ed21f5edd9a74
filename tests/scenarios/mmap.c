// SPDX-License-Identifier: GPL-2.0-only
/* A file is mapped, which needs page tables. */
#include <kfail/scenario.h>
#include <sys/mman.h>

OPERATION(map)
{
	int fd = open("/dev/zero", O_RDWR);
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	close(fd);
	return p == MAP_FAILED ? -errno : 0;
}
