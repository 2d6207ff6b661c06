// EIE in Verilog: control and PEs from Amaranth, the memories around them, and a bench that writes what it sees.
//
// `generate.py` writes control.v and pe.v, sizes.vh, and a file for each memory of each PE.

// A memory of PE number PE, filled from NAME_PE.hex. It keeps the data of its last read.
module sram #(parameter string NAME = "", parameter int PE = 0, WIDTH = 1, DEPTH = 1, ADDRESS = 1) (
    input clk, input enable, input [ADDRESS-1:0] address, output reg [WIDTH-1:0] data
);
    reg [WIDTH-1:0] words [0:DEPTH-1];
    initial $readmemh($sformatf("%s_%0d.hex", NAME, PE), words);
    always @(posedge clk) if (enable) data <= words[address];
endmodule

// A register file: it is read in the same cycle.
module registers #(parameter string NAME = "", parameter int PE = 0, DEPTH = 1, ADDRESS = 1) (
    input clk, input [ADDRESS-1:0] address, output [15:0] data,
    input enable, input [ADDRESS-1:0] to, input [15:0] value
);
    reg [15:0] words [0:DEPTH-1];
    initial $readmemh($sformatf("%s_%0d.hex", NAME, PE), words);
    assign data = words[address];
    always @(posedge clk) if (enable) words[to] <= value;
endmodule

module bench;
    `include "sizes.vh"
    reg clk = 0, rst = 1, leaving = 0;
    reg [REGISTER_ADDRESS-1:0] leave = 0;
    wire [GROUP_ADDRESS-1:0] group;
    wire [16*PES-1:0] shown, outputs;
    wire [PES-1:0] full, busy;
    wire push, stopped, scanned, done;
    wire [COLUMN_BITS-1:0] index;
    wire [15:0] activation;
    wire [5*PES-1:0] seen;

    control control (.*);

    for (genvar k = 0; k < PES; k++) begin : pes
        wire [EVEN_ADDRESS-1:0] even_address;
        wire [ODD_ADDRESS-1:0] odd_address;
        wire [ROW_ADDRESS-1:0] row_address;
        wire [CODE_BITS-1:0] code;
        wire [REGISTER_ADDRESS-1:0] register_address, to;
        wire [POINTER_BITS-1:0] even_data, odd_data;
        wire [ROW_BITS-1:0] row_data;
        wire [15:0] weight, register_data, sum;
        wire even_enable, odd_enable, row_enable, write;
        wire [2:0] decoding;
        pe pe (
            .clk, .rst, .push, .index, .activation, .leaving, .leave, .decoding,
            .shift(SHIFT[4:0]), .relu(RELU[0]), .full(full[k]), .busy(busy[k]), .\output (outputs[16*k+:16]),
            .even__address(even_address), .even__enable(even_enable), .even__data(even_data),
            .odd__address(odd_address), .odd__enable(odd_enable), .odd__data(odd_data),
            .row__address(row_address), .row__enable(row_enable), .row__data(row_data),
            .codebook__address(code), .codebook__enable(), .codebook__data(weight),
            .register__address(register_address), .register__enable(), .register__data(register_data),
            .write__address(to), .write__enable(write), .write__data(sum)
        );
        sram #("even", k, POINTER_BITS, EVEN_WORDS, EVEN_ADDRESS) even (clk, even_enable, even_address, even_data);
        sram #("odd", k, POINTER_BITS, ODD_WORDS, ODD_ADDRESS) odd (clk, odd_enable, odd_address, odd_data);
        sram #("rows", k, ROW_BITS, ROW_WORDS, ROW_ADDRESS) rows (clk, row_enable, row_address, row_data);
        registers #("codebook", k, 1 << CODE_BITS, CODE_BITS) codebook (clk, code, weight, 1'b0, '0, '0);
        registers #("source", k, GROUPS, GROUP_ADDRESS) source (clk, group, shown[16*k+:16], 1'b0, '0, '0);
        registers #("registers", k, REGISTERS, REGISTER_ADDRESS) destination (
            clk, register_address, register_data, write, to, sum
        );
        assign seen[5*k+:5] = {even_enable, row_enable, decoding};
    end

    always #1 clk = ~clk;
    initial begin
        integer file;
        repeat (2) @(negedge clk);
        rst = 0; // the registers hold their first values, so that this is cycle 0
        file = $fopen("seen.txt", "w");
        while (!done) begin
            $fdisplay(file, "%h", {scanned, stopped, push, seen});
            @(negedge clk);
        end
        $fclose(file);
        file = $fopen("outputs.txt", "w");
        leaving = 1;
        for (integer place = 0; place < REGISTERS; place++) begin
            leave = place[REGISTER_ADDRESS-1:0];
            @(negedge clk);
            $fdisplay(file, "%h", outputs);
        end
        $fclose(file);
        $finish;
    end
endmodule
