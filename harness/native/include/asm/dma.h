/* SPDX-License-Identifier: GPL-2.0-only */
/* Channels of the ISA DMA controller. */
#ifndef KFAIL_ASM_DMA_H
#define KFAIL_ASM_DMA_H

#define MAX_DMA_CHANNELS 8

int request_dma(unsigned int channel, const char *device_id);
void free_dma(unsigned int channel);

#endif
