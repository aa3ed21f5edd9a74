// SPDX-License-Identifier: GPL-2.0-only
/* v4l2loopback: a writer fills frames with write(), a reader takes them with read(). */
#include <kfail/scenario.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

#define WIDTH  64
#define HEIGHT 32

static int out = -1, in = -1;
static char frame[WIDTH * HEIGHT * 2], back[sizeof(frame)];

static int open_device(void)
{
	return open("/dev/video0", O_RDWR | O_NONBLOCK);
}

OPERATION(open)
{
	out = open_device();
	return result(out);
}

OPERATION(query)
{
	struct v4l2_capability capability;
	long err = result(ioctl(out, VIDIOC_QUERYCAP, &capability));

	if (!err)
		expect(!strcmp((char *)capability.driver, "v4l2 loopback"));
	return err;
}

OPERATION(set_format)
{
	struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};

	format.fmt.pix.width = WIDTH;
	format.fmt.pix.height = HEIGHT;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	format.fmt.pix.field = V4L2_FIELD_NONE;
	return result(ioctl(out, VIDIOC_S_FMT, &format));
}

OPERATION(request_buffers)
{
	struct v4l2_requestbuffers request = {
		.count = 2, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};

	return result(ioctl(out, VIDIOC_REQBUFS, &request));
}

OPERATION(write)
{
	memset(frame, 0x5a, sizeof(frame));
	return result(write(out, frame, sizeof(frame)));
}

OPERATION(open_reader)
{
	in = open_device();
	return result(in);
}

OPERATION(read)
{
	long n = result(read(in, back, sizeof(back)));

	if (n == sizeof(back))
		expect(!memcmp(frame, back, sizeof(frame)));
	return n;
}

OPERATION(close)
{
	close(in);
	return result(close(out));
}
