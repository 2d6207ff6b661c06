"""Parts that machines are built of: clocked queues, broadcasts, tiles, SRAM, DRAM."""
