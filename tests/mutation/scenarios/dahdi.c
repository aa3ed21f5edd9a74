// SPDX-License-Identifier: GPL-2.0-only
/* dahdi: its control device, which needs no telephone card. */
#include <kfail/scenario.h>
#include <sys/ioctl.h>

#define DAHDI_GETVERSION   _IOR(0xda, 57, struct version)
#define DAHDI_MAINT_UNUSED _IO(0xda, 255)

struct version {
	char version[80], echo_canceller[80];
};

static int ctl = -1;

OPERATION(open)
{
	ctl = open("/dev/dahdi/ctl", O_RDWR);
	return result(ctl);
}

OPERATION(version)
{
	struct version version;
	long err = result(ioctl(ctl, DAHDI_GETVERSION, &version));

	if (!err)
		expect(version.version[0]);
	return err;
}

OPERATION(unknown)
{
	expect(ioctl(ctl, DAHDI_MAINT_UNUSED, 0) == -1);
	return 0;
}

OPERATION(pseudo)
{
	int fd = open("/dev/dahdi/pseudo", O_RDWR);

	return fd < 0 ? -errno : result(close(fd));
}

OPERATION(close)
{
	return result(close(ctl));
}
